/* SPDX-License-Identifier: GPL-2.0 */
/* What an open session's program writes: whose turn it is, waiting for room, and open records. */
#ifndef SIGNET_SESSION_SENDING_H
#define SIGNET_SESSION_SENDING_H

#include <linux/types.h>

struct msghdr;
struct signet_socket;

/**
 * struct signet_sending - the writing side of a session
 * @turn: bit 0 is set while somebody has the turn; others wait in struct signet_socket's @wait
 * @refused: somebody who doesn't wait came meanwhile, and is told when the turn is free
 */
struct signet_sending {
	unsigned long turn;
	bool refused;
};

/**
 * signet_sending_begin - take the turn to write
 * @ss: open
 * @timeout: jiffies; in: how long to wait, 0 not at all; out: what is left of it
 *
 * Whoever has the turn alone calls kTLS's sendmsg, so that no bytes of two mix, and a shutdown is
 * behind all that was written. Process context.
 *
 * Return: 0, and signet_sending_end() must follow; -EAGAIN when the time is over; -ERESTARTSYS or
 * -EINTR for a signal.
 */
int signet_sending_begin(struct signet_socket *ss, long *timeout);

/* The same for who can be killed alone: 0 or -EINTR. */
int signet_sending_begin_killable(struct signet_socket *ss);

/* The same without waiting: true when the caller has the turn. */
bool signet_sending_try(struct signet_socket *ss);

/* Gives the turn away. */
void signet_sending_end(struct signet_socket *ss);

/**
 * signet_sending_call - kTLS's sendmsg
 * @ss: open
 * @msg: what to send; with MSG_DONTWAIT and MSG_NOSIGNAL
 *
 * Waits for the socket's locks, as TCP does, and not for the network.
 *
 * Return: bytes, which may be fewer than there are; -EAGAIN when there is no room; another errno.
 */
int signet_sending_call(struct signet_socket *ss, struct msghdr *msg);

/* Is anything written to @ss refused from now on? Without locks. */
bool signet_sending_is_over(const struct signet_socket *ss);

/**
 * signet_sending_wait - wait until there is room to write, or none will be
 * @ss: open, and the caller has the turn
 * @timeout: jiffies; in: how long to wait, 0 not at all; out: what is left of it
 * @starved: it was in vain before: if there is room now, there was no memory
 *
 * Return: 0; -EAGAIN when the time is over: then poll tells when there is room; -ERESTARTSYS or
 * -EINTR for a signal.
 */
int signet_sending_wait(struct signet_socket *ss, long *timeout, bool starved);

/* Wakes who waits for room: the program has shut down writing. */
void signet_sending_wake(struct signet_socket *ss);

/* The program has written with MSG_MORE: what it left open leaves by itself, as TCP's would. */
void signet_sending_more(struct signet_socket *ss);

/* Sends what MSG_MORE has left open. May wait for the socket's locks, but not for the network. */
void signet_sending_push(struct signet_socket *ss);

/* The same for who waits for nobody: false while somebody holds a lock. */
bool signet_sending_try_push(struct signet_socket *ss);

#endif
