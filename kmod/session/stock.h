/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own operations of TCP sockets, beside the module's. */
#ifndef SIGNET_SESSION_STOCK_H
#define SIGNET_SESSION_STOCK_H

#include <linux/module.h>
#include <linux/net.h>
#include <net/sock.h>

/* AF_INET's and AF_INET6's; set when the module is loaded, then constant. */
extern const struct proto_ops *signet_stock[2];

/* The operations that the kernel itself gives TCP sockets of this family. */
static inline const struct proto_ops *signet_stock_ops(const struct sock *sk)
{
	return signet_stock[sk->sk_family == AF_INET6];
}

/* Does this socket carry the module's operations? */
static inline bool signet_is_hooked(const struct socket *sock)
{
	return READ_ONCE(sock->ops)->owner == THIS_MODULE;
}

#endif
