// SPDX-License-Identifier: GPL-2.0
#include "session/address.h"

#include <net/inet_sock.h>
#include <net/ipv6.h>

static void address_v4(union signet_address *address, __be32 ip, __be16 port)
{
	address->v4.sin_family = AF_INET;
	address->v4.sin_addr.s_addr = ip;
	address->v4.sin_port = port;
}

static void address_v6(union signet_address *address, const struct in6_addr *ip,
		       __be16 port, const struct sock *sk)
{
	if (ipv6_addr_v4mapped(ip)) {
		address_v4(address, ip->s6_addr32[3], port);
		return;
	}
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_addr = *ip;
	address->v6.sin6_port = port;
	if (ipv6_addr_type(ip) & IPV6_ADDR_LINKLOCAL)
		address->v6.sin6_scope_id = sk->sk_bound_dev_if;
}

void signet_address_local(const struct sock *sk, union signet_address *address)
{
	memset(address, 0, sizeof(*address));
	if (sk->sk_family == AF_INET6)
		address_v6(address, &sk->sk_v6_rcv_saddr, inet_sk(sk)->inet_sport, sk);
	else
		address_v4(address, sk->sk_rcv_saddr, inet_sk(sk)->inet_sport);
}

void signet_address_remote(const struct sock *sk, union signet_address *address)
{
	memset(address, 0, sizeof(*address));
	if (sk->sk_family == AF_INET6)
		address_v6(address, &sk->sk_v6_daddr, sk->sk_dport, sk);
	else
		address_v4(address, sk->sk_daddr, sk->sk_dport);
}
