/* SPDX-License-Identifier: GPL-2.0 */
/* The end of an open session by the module: revoked, refused by a new policy, too old, broken. */
#ifndef SIGNET_SESSION_ENDING_H
#define SIGNET_SESSION_ENDING_H

#include <linux/list.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "uapi/generated/signet.h"

struct signet_socket;

/**
 * struct signet_ending - the end of a session by the module
 * @ended: nothing is read or written any more; written with the socket's lock held
 * @told: the program has got the error; it needn't find it on the socket
 * @alert: for the peer, or SIGNET_ALERT_NONE
 * @age: ends the session at maxSessionAge
 * @retire: what @age begins, in process context
 * @work: sends the last alert, and resets
 * @link: in the list of a sweep (judge.c)
 */
struct signet_ending {
	bool ended;
	bool told;
	u8 alert;
	struct timer_list age;
	struct work_struct retire;
	struct work_struct work;
	struct list_head link;
};

/*
 * Ends an open session: from now on nothing is read or written; alert and reset follow in a work
 * item. No-op in other states and the second time. Doesn't sleep; process context.
 */
void signet_session_end(struct signet_socket *ss, enum signet_reason reason, u8 alert);
/**
 * signet_ending_report - what the program gets of a session that the module has ended
 * @ss: ended
 *
 * Without locks.
 *
 * Return: why, until the connection is reset and somebody was told (SO_ERROR tells, too); 0
 * afterwards, as TCP says it of what was reset.
 */
int signet_ending_report(struct signet_socket *ss);

/* Of struct signet_ending: the timer of maxSessionAge, and the works. */
void signet_ending_too_old(struct timer_list *timer);
void signet_ending_retire(struct work_struct *work);
void signet_ending_work(struct work_struct *work);

#endif
