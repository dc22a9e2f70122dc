/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a session that the program closes: nothing lost, close_notify before FIN. */
#ifndef SIGNET_SESSION_CLOSING_H
#define SIGNET_SESSION_CLOSING_H

#include <linux/atomic.h>
#include <linux/net.h>
#include <linux/workqueue.h>

struct signet_socket;

/**
 * struct signet_closing - what the program has closed of a session
 * @senders: those inside kTLS's sendmsg, who may wait there for memory and hold its lock
 * @shut_read: it shut down reading
 * @shut_write: it shut down writing; close_notify is sent or due
 * @notified: close_notify is sent; no record may follow
 * @adopted: the session was open, and lives on without its program until its data is sent
 * @work: sends what is left, then close_notify, then FIN
 * @deadline: jiffies; when @work gives up
 */
struct signet_closing {
	atomic_t senders;
	bool shut_read;
	bool shut_write;
	bool notified;
	bool adopted;
	struct delayed_work work;
	unsigned long deadline;
};

/* How long data that the program has written may take after it has closed. */
#define SIGNET_CLOSING_TIMEOUT (60 * HZ)

/* Between two tries to send what is left. */
#define SIGNET_CLOSING_PAUSE (HZ / 50 + 1)

/**
 * signet_closing_begin - the program closes an open socket
 * @ss: closing; no step of it runs
 * @sock: what the program's file refers to
 *
 * Sleeps no longer than SO_LINGER says.
 *
 * Return: true when data is left to send: the socket has another owner and lives on.
 */
bool signet_closing_begin(struct signet_socket *ss, struct socket *sock);

/**
 * signet_closing_flush - send close_notify behind all data
 * @ss: open or closing
 *
 * Doesn't wait for the network.
 *
 * Return: true when there is no more to do.
 */
bool signet_closing_flush(struct signet_socket *ss);

/* struct signet_closing's @work. */
void signet_closing_work(struct work_struct *work);

/* The socket is open: does what shutdown() asked for during the handshake. */
void signet_closing_resume(struct signet_socket *ss);

#endif
