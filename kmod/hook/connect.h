/* SPDX-License-Identifier: GPL-2.0 */
/* connect() on a hooked socket, and what its own address is. */
#ifndef SIGNET_CONNECT_H
#define SIGNET_CONNECT_H

#include <linux/net.h>

struct sock;

/* The operations. */
int signet_connect(struct socket *sock, struct sockaddr *address, int len, int flags);
int signet_getname(struct socket *sock, struct sockaddr *address, int peer);

/**
 * signet_connect_inside - would a connection be Signet's business?
 * @sk: the socket; the calling process is the program
 * @address: as the program gave it
 * @len: its length
 *
 * Return: false also for what isn't an internet address.
 */
bool signet_connect_inside(struct sock *sk, const struct sockaddr *address, int len);

#endif
