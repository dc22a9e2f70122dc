/* SPDX-License-Identifier: GPL-2.0 */
/* The revocations in force on a node. */
#ifndef SIGNET_REVOCATION_H
#define SIGNET_REVOCATION_H

#include "core/policy/revocation_set.h"

struct netlink_ext_ack;
struct nlattr;
struct signet_policy_slot;

/* Is a serial number revoked? Lower-case hex. RCU; doesn't sleep. */
bool signet_revoked_serial(struct signet_policy_slot *slot, const char *serial);
/* Is a SPIFFE ID banned? RCU; doesn't sleep. */
bool signet_revoked_spiffe_id(struct signet_policy_slot *slot, const char *spiffe_id);

/**
 * signet_revocation_parse - a revocation as netlink carries it
 * @revocation: filled; points into @attr
 * @attr: SIGNET_A_POLICY_REVOCATION
 * @extack: told what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int signet_revocation_parse(struct signet_revocation *revocation, const struct nlattr *attr,
			    struct netlink_ext_ack *extack);

/**
 * signet_revocations_publish - add revocations to the policy in force
 * @slot: of the node, locked
 * @revocations: to be added
 * @count: how many
 *
 * When it returns, all of them hold; after an error none of them does. The caller has the open
 * sessions judged again afterwards. Sleeps, but for memory only.
 *
 * Return: 0, -ENODATA without a policy, -E2BIG or -ENOMEM.
 */
int signet_revocations_publish(struct signet_policy_slot *slot,
			       const struct signet_revocation *revocations, size_t count);

#endif
