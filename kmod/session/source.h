/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIGNET_SESSION_SOURCE_H
#define SIGNET_SESSION_SOURCE_H

#include <net/ipv6.h>

#include "session/address.h"

/**
 * signet_source_of - where a peer is, as far as limits and turns are concerned
 * @peer: its address
 * @source: IPv4 as mapped; of IPv6 the /64: whoever has one address of it has all of them
 */
static inline void signet_source_of(const union signet_address *peer, struct in6_addr *source)
{
	if (peer->any.sa_family == AF_INET6)
		ipv6_addr_prefix(source, &peer->v6.sin6_addr, 64);
	else
		ipv6_addr_set_v4mapped(peer->v4.sin_addr.s_addr, source);
}

#endif
