/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server's connection on its way from TCP's queue to its program, and away from a program that
 * closes it before it is open.
 */
#ifndef SIGNET_SESSION_SERVING_H
#define SIGNET_SESSION_SERVING_H

#include <linux/types.h>

struct signet_credential;
struct signet_node;
struct signet_socket;
struct sock;
struct socket;
struct work_struct;

/**
 * signet_serving_protect - a connection that is served is protected from now on
 * @sock: connected, hooked, in nobody's hands but the caller's
 * @node: its node
 *
 * It has a place for its handshake, or has failed for want of one.
 *
 * Return: a reference, or an error pointer; then it isn't protected, and must not be used.
 */
struct signet_socket *signet_serving_protect(struct socket *sock, struct signet_node *node);

/**
 * signet_serving_begin - serve a connection that the calling process has accepted
 * @ss: protected
 */
void signet_serving_begin(struct signet_socket *ss);

/**
 * signet_serving_begin_early - serve a connection that no program has accepted yet
 * @ss: protected
 * @credential: of the process that listens there
 *
 * Until a program has accepted it and is known, nothing is readable or writable.
 */
void signet_serving_begin_early(struct signet_socket *ss, struct signet_credential *credential);

/**
 * signet_serving_accept - the calling process accepts what was begun early
 * @ss: in nobody else's hands
 * @newsock: the program's, without a struct sock
 *
 * The process must turn out to be what the handshake has said; else the peer is reset. Sleeps, but
 * not for the peer.
 */
void signet_serving_accept(struct signet_socket *ss, struct socket *newsock);

/* The accepting process is known, or can't be; from @work, or where that doesn't run. */
void signet_serving_accepted(struct signet_socket *ss);

/**
 * signet_serving_drop - reset a connection that was begun early and will not be accepted
 * @ss: in nobody else's hands; the reference is given back
 *
 * Sleeps.
 */
void signet_serving_drop(struct signet_socket *ss);

/**
 * signet_serving_leave - the program closes a connection that isn't open yet
 * @ss: nobody else has it
 *
 * The peer's connect() doesn't fail for that, nor does what it reads first: the handshake goes on
 * without the program, and close_notify follows. Sleeps, but not for the peer.
 *
 * Return: true when the program's socket has no struct sock any more; false when @ss isn't such a
 * connection, has lost its place (its program held its lock), or there is no memory: then it is
 * closed as it is.
 */
bool signet_serving_leave(struct signet_socket *ss);

/* A step of what was left by its program has run: closes it if that was the last. From @work. */
void signet_serving_left(struct signet_socket *ss);

/* struct signet_setup's @close. */
void signet_serving_close(struct work_struct *work);

int signet_serving_init(void);
void signet_serving_exit(void);

/**
 * signet_serving_own - a struct socket of the module's own for a connection that is served
 * @sk: of the same family and owner
 * @like: has the module's operations
 *
 * Return: hooked, without a struct sock; NULL without memory.
 */
struct socket *signet_serving_own(const struct sock *sk, const struct socket *like);

#endif
