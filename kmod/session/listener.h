/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening sockets. A connection that its program leaves in TCP's queue is taken out and begins
 * its handshake here, so that no peer's connect() waits for accept().
 */
#ifndef SIGNET_SESSION_LISTENER_H
#define SIGNET_SESSION_LISTENER_H

#include <linux/types.h>

struct signet_listener;
struct signet_socket;
struct sock;
struct socket;

/**
 * signet_listener_get - what the module keeps of a listening socket
 * @sock: hooked
 *
 * Made when it isn't there. Takes the socket's lock then. Sleeps.
 *
 * Return: a reference; NULL when it doesn't listen, or isn't hooked any more; -ENOMEM.
 */
struct signet_listener *signet_listener_get(struct socket *sock);

/* The same, of a socket whose listener was made; else NULL. Any context. */
struct signet_listener *signet_listener_find(const struct sock *sk);

/* NULL is fine. Any context. */
void signet_listener_put(struct signet_listener *listener);

/**
 * signet_listener_watched - the calling process listens or polls
 * @listener: not locked
 *
 * Connections begin as it when no process that lives has accepted one. Doesn't wait for anybody.
 */
void signet_listener_watched(struct signet_listener *listener);

/**
 * signet_listener_accepts - the calling process accepts
 * @listener: the listener, locked
 *
 * Connections begin as it from now on.
 */
void signet_listener_accepts(struct signet_listener *listener);

/*
 * The order of connections: whoever takes one, from here or from TCP's queue, has the lock. A
 * process context's mutex, outside of all sockets' locks.
 */
void signet_listener_lock(struct signet_listener *listener);
void signet_listener_unlock(struct signet_listener *listener);

/**
 * signet_listener_pop - the oldest of the connections that were taken out
 * @listener: locked
 *
 * All that are in TCP's queue came later.
 *
 * Return: for signet_serving_accept(), with a reference; NULL when there is none.
 */
struct signet_socket *signet_listener_pop(struct signet_listener *listener);

/* Is there one that pop would return? Any context. */
bool signet_listener_ready(const struct signet_listener *listener);

/* Doesn't take any out any more. Any context. */
bool signet_listener_closed(const struct signet_listener *listener);

/**
 * signet_listener_wait - wait for a connection, here or in TCP's queue
 * @listener: not locked
 * @timeout: jiffies; what is left of them
 *
 * Return: 0 when there may be one, or the socket doesn't listen any more; -EAGAIN when the time is
 * over; -ERESTARTSYS or -EINTR for a signal.
 */
int signet_listener_wait(struct signet_listener *listener, long *timeout);

/**
 * signet_listener_look - does the socket still listen?
 * @listener: locked
 *
 * If not, what was taken out is reset, as TCP does with what is in its queue. A work item looks,
 * too.
 */
void signet_listener_look(struct signet_listener *listener);

/**
 * signet_listener_listen - listen() was called
 * @listener: locked since before
 *
 * It may have set another limit.
 */
void signet_listener_listen(struct signet_listener *listener);

/**
 * signet_listener_give_back - a connection's place among those that no cgroup pays for
 * @ss: has failed, or isn't there any more; no-op when it has none
 */
void signet_listener_give_back(struct signet_socket *ss);

/**
 * signet_listener_close - forget a listening socket
 * @sk: the socket; no-op when nothing is kept of it
 *
 * What was taken out and not accepted is reset. Sleeps, but not for a program.
 */
void signet_listener_close(const struct sock *sk);

/* The same, without waiting: false when somebody accepts, who may be held up by a program. */
bool signet_listener_try_close(const struct sock *sk);

int signet_listener_init(void);
void signet_listener_exit(void);

#endif
