/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may talk to whom, and where: networks, exempt ports, destinations and access rules, compiled
 * so that a decision costs the same for ten rules and for a hundred thousand.
 *
 * One owner fills it (process context, sleeps); from then on it is immutable, and any number of
 * readers in any context use it without a lock until the owner frees it.
 */
#ifndef SIGNET_CORE_TABLES_H
#define SIGNET_CORE_TABLES_H

#include "core/platform.h"

/* Combinations that all rules (client, port) and destinations (range, identity) together name. */
#define SIGNET_TABLES_GRANTS_MAX 1000000

/**
 * struct signet_endpoint - an address and a port
 * @address: network order
 * @len: 4 or 16. IPv4 in IPv6 (::ffff:0:0/96) means IPv4, everywhere in this header
 * @port: host order
 */
struct signet_endpoint {
	u8 address[16];
	u8 len;
	u16 port;
};

/**
 * struct signet_range - a prefix of addresses
 * @base: where it starts; bits beyond the prefix are ignored; port 0: every port
 * @prefix_length: at most 8 * @base.len
 */
struct signet_range {
	struct signet_endpoint base;
	u8 prefix_length;
};

/* Who may connect to a subject. */
struct signet_tables_rule {
	const char *subject; /* whole SPIFFE ID */
	const char *policy; /* name of the document that holds it */
	const char *const *from; /* whole SPIFFE IDs */
	size_t from_count;
	const u16 *ports; /* none: every port */
	size_t port_count;
};

/* Addresses where one of these identities must answer. */
struct signet_tables_destination {
	const char *name;
	const struct signet_range *ranges;
	size_t range_count;
	const char *const *identities; /* whole SPIFFE IDs */
	size_t identity_count;
};

enum signet_direction {
	SIGNET_OUTBOUND,
	SIGNET_INBOUND,
};

struct signet_tables;

/**
 * signet_tables_new() - an empty policy: nothing is inside its scope
 * @default_deny: an inbound connection that no rule names is refused
 *
 * Return: NULL without memory.
 */
struct signet_tables *signet_tables_new(bool default_deny);

/* Any context that may call kvfree(). NULL is fine. */
void signet_tables_free(struct signet_tables *tables);

/**
 * signet_tables_intern() - a copy of a SPIFFE ID
 * @tables: being filled
 * @id: whole SPIFFE ID
 * @own: the copy: one for equal IDs, valid as long as @tables
 *
 * Return: 0, -EINVAL for an ID that is none, or -ENOMEM.
 */
int signet_tables_intern(struct signet_tables *tables, const char *id, const char **own);

/**
 * signet_tables_add_network() - protect a network (meshCidrs)
 * @tables: being filled
 * @range: port 0
 *
 * Return: 0, -EINVAL or -ENOMEM. After an error @tables can only be freed.
 */
int signet_tables_add_network(struct signet_tables *tables, const struct signet_range *range);

/* Never protect connections to @port. Return: 0, -EINVAL for port 0, or -ENOMEM. */
int signet_tables_add_exempt_port(struct signet_tables *tables, u16 port);

/**
 * signet_tables_add_rule() - let clients in
 * @tables: being filled
 * @rule: copied
 *
 * Return: 0, -EINVAL for an ID that is none, no client or port 0, -E2BIG above
 * SIGNET_TABLES_GRANTS_MAX, or -ENOMEM. After an error @tables can only be freed.
 */
int signet_tables_add_rule(struct signet_tables *tables, const struct signet_tables_rule *rule);

/**
 * signet_tables_add_destination() - say who must answer somewhere
 * @tables: being filled
 * @destination: copied; where several name the same prefix and port, any of their identities may
 *	answer
 *
 * Return: 0, -EINVAL for an ID or range that is none, no identity or no range, -E2BIG above
 * SIGNET_TABLES_GRANTS_MAX, or -ENOMEM. After an error @tables can only be freed.
 */
int signet_tables_add_destination(struct signet_tables *tables,
				  const struct signet_tables_destination *destination);

/**
 * signet_tables_covers() - is a connection inside the scope?
 * @tables: the policy
 * @direction: as this side sees it
 * @local: this side; its port matters inbound
 * @remote: the other side; its port matters outbound
 *
 * Outbound: a network has the remote address, or a destination names it with its port. Inbound: a
 * network has the local address. Never when the port is exempt. Loopback, and the unspecified
 * address that means it, is inside only where a range names nothing but loopback.
 */
bool signet_tables_covers(const struct signet_tables *tables, enum signet_direction direction,
			  const struct signet_endpoint *local,
			  const struct signet_endpoint *remote);

/**
 * signet_tables_outbound() - may this server answer there?
 * @tables: the policy
 * @remote: the server's address and port
 * @server: SPIFFE ID of its certificate
 *
 * The longest prefix counts, and of the same prefix the one with the port. Where no destination
 * names the address, any SVID of the trust domain may answer.
 */
bool signet_tables_outbound(const struct signet_tables *tables,
			    const struct signet_endpoint *remote, const char *server);

/**
 * signet_tables_inbound() - may this client connect?
 * @tables: the policy
 * @subject: SPIFFE ID of this side
 * @client: SPIFFE ID of the peer's certificate
 * @port: local, host order
 *
 * A rule of the subject must have client and port. Without one: refused when the default is deny
 * or when any rule names the subject, else allowed.
 */
bool signet_tables_inbound(const struct signet_tables *tables, const char *subject,
			   const char *client, u16 port);

bool signet_tables_default_deny(const struct signet_tables *tables);

/* The @index-th that was added, for dumps; NULL beyond the last. Valid as long as @tables. */
const struct signet_range *signet_tables_network_at(const struct signet_tables *tables,
						    size_t index);
const struct signet_tables_rule *signet_tables_rule_at(const struct signet_tables *tables,
						       size_t index);
const struct signet_tables_destination *
signet_tables_destination_at(const struct signet_tables *tables, size_t index);
const u16 *signet_tables_exempt_port_at(const struct signet_tables *tables, size_t index);

#endif
