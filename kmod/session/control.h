/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records that aren't the program's: alerts and post-handshake messages (RFC 8446, 4.6 and 6), and
 * those of data that have none.
 */
#ifndef SIGNET_CONTROL_H
#define SIGNET_CONTROL_H

#include <linux/mutex.h>
#include <linux/types.h>

struct signet_socket;

/**
 * struct signet_message - a post-handshake message (RFC 8446, 4), as far as it has arrived
 * @header: its type and length
 * @have: bytes of the header
 * @left: bytes of the body that are to come
 */
struct signet_message {
	u8 header[4];
	u8 have;
	u32 left;
};

/**
 * struct signet_control - the records of a session that aren't the program's
 * @lock: serialises who takes them, and who sends one; taken before the socket's own lock
 * @message: in arrival; guarded by @lock
 * @records: that weren't data, or empty, since the last that was
 * @peer_closed: the peer's close_notify has come
 */
struct signet_control {
	struct mutex lock; /* who takes one */
	struct signet_message message;
	unsigned int records;
	bool peer_closed;
};

/* Record types. */
#define SIGNET_RECORD_ALERT 21
#define SIGNET_RECORD_HANDSHAKE 22
#define SIGNET_RECORD_DATA 23

/**
 * signet_control_take - take the next record if it isn't the program's, and heed it
 * @ss: open
 *
 * Doesn't wait for the network; may wait for another who does the same. The program isn't told of
 * errors by it: they are found on the socket afterwards, or the session has ended.
 *
 * Return: true when it took one.
 */
bool signet_control_take(struct signet_socket *ss);

/**
 * signet_control_next - take all that isn't the program's, and say what comes next
 * @ss: open
 *
 * As signet_control_take(). A peer that sends nothing else is stopped.
 *
 * Return: SIGNET_RECORD_DATA when there is data to read; 0 when there is none, or somebody else is
 * reading, or the session has ended; a negative errno.
 */
int signet_control_next(struct signet_socket *ss);

/* More isn't looked for. */
#define SIGNET_AVAILABLE_MAX 65536

/**
 * signet_control_available - how much data can be read at once
 * @ss: open
 *
 * As signet_control_take().
 *
 * Return: bytes, SIGNET_AVAILABLE_MAX at most.
 */
int signet_control_available(struct signet_socket *ss);

/**
 * signet_control_put_back - kTLS took the socket's error, and the program isn't told by it
 * @ss: open
 * @err: negative errno that kTLS gave; no-op when it isn't one of the connection
 */
void signet_control_put_back(struct signet_socket *ss, int err);

/**
 * signet_control_error - take the socket's error, when kTLS says that the stream is over
 * @ss: open
 *
 * May wait for another who looks what has come.
 *
 * Return: a negative errno; 0 when there is none, or the program was told.
 */
int signet_control_error(struct signet_socket *ss);

/**
 * signet_control_is_broken - did kTLS stop at what is no record, and somebody took its error?
 * @ss: open
 *
 * kTLS says so once, to whoever comes first, and would wait for ever afterwards. Without locks.
 */
bool signet_control_is_broken(const struct signet_socket *ss);

/* Who spliced got an empty record of data. Too many in a row end the session. */
void signet_control_empty(struct signet_socket *ss);

/**
 * signet_control_send_alert - send an alert
 * @ss: open
 * @alert: its number
 *
 * Doesn't wait. Nothing of MSG_MORE's is left behind.
 *
 * Return: 0 when kTLS has it; -EAGAIN; another negative errno.
 */
int signet_control_send_alert(struct signet_socket *ss, u8 alert);

#endif
