/* SPDX-License-Identifier: GPL-2.0 */
/* accept() on a hooked listener. */
#ifndef SIGNET_ACCEPT_H
#define SIGNET_ACCEPT_H

#include "compat.h"

struct signet_listener;

/* The operation. Returns at once: the first read or write waits for the handshake. */
int signet_accept(struct socket *sock, struct socket *newsock, SIGNET_ACCEPT_ARGS);

/* As the process that listens, peers are served that wait too long for accept(). */
int signet_listen(struct socket *sock, int backlog);

/* Did the peer connect to an address and port that are Signet's business? */
bool signet_accept_inside(const struct sock *sk);

/**
 * signet_listener_of - what the module keeps of a hooked socket that listens
 * @sock: the socket
 *
 * None is made while draining.
 *
 * Return: as signet_listener_get().
 */
struct signet_listener *signet_listener_of(struct socket *sock);

#endif
