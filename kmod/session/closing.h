/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a session that the program closes: nothing lost, close_notify before FIN. */
#ifndef SIGNET_SESSION_CLOSING_H
#define SIGNET_SESSION_CLOSING_H

#include <linux/atomic.h>
#include <linux/workqueue.h>

struct signet_socket;

/**
 * struct signet_closing - what the program has closed of a session
 * @senders: those inside kTLS's sendmsg (or TCP's, in plaintext), who may hold its lock
 * @shut_read: it shut down reading
 * @shut_write: it shut down writing; close_notify is sent or due
 * @notified: close_notify is sent, and no record may follow; written by who has the turn to write
 * @work: sends without the program: open records, or the end that it asked for in the handshake
 */
struct signet_closing {
	atomic_t senders;
	bool shut_read;
	bool shut_write;
	bool notified;
	struct delayed_work work;
};

/**
 * signet_closing_finish - the program closes an open socket
 * @ss: closing; nobody else uses it any more
 *
 * TCP gets everything that kTLS holds, and close_notify behind it, and keeps trying to send that
 * when the socket is gone. A reset instead when the program hasn't read everything, or the session
 * is ended for want of memory. Doesn't wait for the network.
 */
void signet_closing_finish(struct signet_socket *ss);

/**
 * signet_closing_shutdown - the program shuts down writing
 * @ss: open
 * @how: SHUT_WR or SHUT_RDWR
 *
 * Writers that wait are sent away. Waits for the socket's locks, and not for the network.
 *
 * Return: what TCP says of it; -EINTR when the program is killed; -ENOMEM, and the session ends.
 */
int signet_closing_shutdown(struct signet_socket *ss, int how);

/* struct signet_closing's @work. */
void signet_closing_work(struct work_struct *work);

/* The socket is open: does what shutdown() asked for during the handshake. */
void signet_closing_resume(struct signet_socket *ss);

#endif
