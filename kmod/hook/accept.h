/* SPDX-License-Identifier: GPL-2.0 */
/* accept() on a hooked listener. */
#ifndef SIGNET_ACCEPT_H
#define SIGNET_ACCEPT_H

#include "compat.h"

/* The operation. Returns at once: the first read or write waits for the handshake. */
int signet_accept(struct socket *sock, struct socket *newsock, SIGNET_ACCEPT_ARGS);

/* Did the peer connect to an address and port that are Signet's business? */
bool signet_accept_inside(const struct sock *sk);

#endif
