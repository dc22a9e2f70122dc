/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of an open session by the module: revoked, refused by a new policy, too old, broken. It
 * is blocked at once, and closed as soon as its lock is free, which a program may hold for ever.
 */
#ifndef SIGNET_SESSION_ENDING_H
#define SIGNET_SESSION_ENDING_H

#include <linux/hrtimer.h>
#include <linux/workqueue.h>

#include "core/tls/tls.h"
#include "uapi/generated/signet.h"

struct signet_socket;

/**
 * struct signet_ending - the end of a session by the module
 * @ended: nothing is read or written any more; written with the socket's lock held
 * @blocked: the struct sock says so, too, so that no alert can be sent; written with the socket's
 *           lock held
 * @told: the program has got the error; it needn't find it on the socket
 * @tried: @work has run once, and the end was told; @work's own
 * @closed: the peer was reset; @work's own
 * @alert: for the peer, or SIGNET_ALERT_NONE
 * @lane: which of the queues of endings @work runs on; set before @ended
 * @until: when the session is too old, CLOCK_BOOTTIME; 0 before that is known
 * @age: ends it then
 * @retire: what @age begins, in process context
 * @work: sends the last alert, and resets, when the lock is free
 */
struct signet_ending {
	bool ended;
	bool blocked;
	bool told;
	bool tried;
	bool closed;
	u8 alert;
	u8 lane;
	ktime_t until;
	struct hrtimer age;
	struct work_struct retire;
	struct delayed_work work;
};

/* The queues. 0 or -ENOMEM. */
int signet_ending_init(void);
void signet_ending_exit(void);

/* The queue for what may have to wait for the program of @ss: a user's sessions share one. */
struct workqueue_struct *signet_ending_lane(const struct signet_socket *ss);

/**
 * signet_session_end - end an open session
 * @ss: the socket; no-op when it isn't open, and the second time
 * @reason: why
 *
 * When it returns, nothing is read or written any more; the reason's alert and a reset follow, in a
 * work item, when the socket's lock is free. Doesn't sleep; process context.
 */
void signet_session_end(struct signet_socket *ss, enum signet_reason reason);

/**
 * signet_session_violated - end an open session whose peer broke the protocol
 * @ss: as above
 * @alert: what it did wrong
 *
 * The reason is SIGNET_REASON_PROTOCOL.
 */
void signet_session_violated(struct signet_socket *ss, enum signet_tls_alert alert);

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

/**
 * signet_ending_by_error - what kTLS says of a session
 * @ss: open
 * @err: negative errno
 *
 * Ends the session when it is an error of kTLS's own, of which TCP knows nothing: a record that is
 * none, is too long, or fails authentication. The program isn't told by it.
 *
 * Return: true when it is one.
 */
bool signet_ending_by_error(struct signet_socket *ss, int err);

/**
 * signet_ending_error - the same, and the program is told
 * @ss: open
 * @err: negative errno
 *
 * Return: what the program gets.
 */
int signet_ending_error(struct signet_socket *ss, int err);

/**
 * signet_ending_look - whoever was inside the socket's operations has left
 * @ss: the socket; no-op when it hasn't ended
 *
 * It is looked at from time to time anyway. Doesn't sleep; process context.
 */
void signet_ending_look(struct signet_socket *ss);

/**
 * signet_ending_settle - wait until each session that has ended was tried once
 *
 * What can be closed without waiting for a program is closed then. Sleeps, half a second at most.
 */
void signet_ending_settle(void);

/**
 * signet_ending_finish - the socket is about to be freed
 * @ss: gone; no program is inside any more
 *
 * Closes it, if it has ended and wasn't yet. Sleeps.
 */
void signet_ending_finish(struct signet_socket *ss);

/* Makes the timer and the works of a new socket. */
void signet_ending_prepare(struct signet_ending *ending);

/**
 * signet_ending_limit_age - say how old a session may get
 * @ss: its handshake is just over, and the socket isn't released
 * @seconds: from now on, those that the machine sleeps included
 */
void signet_ending_limit_age(struct signet_socket *ss, u32 seconds);

/* Nobody ends it for its age any more. Where no step runs. Sleeps. */
void signet_ending_forget_age(struct signet_socket *ss);

/* Ends @ss if it is too old, and doesn't wait until its timer says so. As signet_session_end(). */
void signet_ending_by_age(struct signet_socket *ss);

#endif
