/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIGNET_SESSION_ADDRESS_H
#define SIGNET_SESSION_ADDRESS_H

#include <linux/in.h>
#include <linux/in6.h>
#include <net/sock.h>

/* An IPv4 or IPv6 address and port. */
union signet_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Addresses of a connected socket; mapped IPv4 is IPv4. */
void signet_address_local(const struct sock *sk, union signet_address *address);
void signet_address_remote(const struct sock *sk, union signet_address *address);

#endif
