/* SPDX-License-Identifier: GPL-2.0 */
/* Socket addresses as the core knows them. */
#ifndef SIGNET_ENDPOINT_H
#define SIGNET_ENDPOINT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "core/policy/tables.h"

/**
 * signet_endpoint_of - the address and port of a socket address
 * @endpoint: filled
 * @address: AF_INET or AF_INET6
 *
 * Return: false for any other family.
 */
static inline bool signet_endpoint_of(struct signet_endpoint *endpoint,
				      const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	memset(endpoint, 0, sizeof(*endpoint));
	switch (address->sa_family) {
	case AF_INET:
		memcpy(endpoint->address, &in->sin_addr, 4);
		endpoint->len = 4;
		endpoint->port = ntohs(in->sin_port);
		return true;
	case AF_INET6:
		memcpy(endpoint->address, &in6->sin6_addr, 16);
		endpoint->len = 16;
		endpoint->port = ntohs(in6->sin6_port);
		return true;
	default:
		return false;
	}
}

#endif
