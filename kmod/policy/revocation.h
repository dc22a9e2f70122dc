/* SPDX-License-Identifier: GPL-2.0 */
/* The revocations in force on a node. */
#ifndef SIGNET_REVOCATION_H
#define SIGNET_REVOCATION_H

#include "core/policy/revocation_set.h"

struct signet_policy_slot;

/* Is a serial number revoked? Lower-case hex. RCU; doesn't sleep. */
bool signet_revoked_serial(struct signet_policy_slot *slot, const char *serial);
/* Is a SPIFFE ID banned? RCU; doesn't sleep. */
bool signet_revoked_spiffe_id(struct signet_policy_slot *slot, const char *spiffe_id);

/**
 * signet_revocations_publish - add revocations to the policy in force
 * @slot: of the node, locked
 * @revocations: to be added
 * @count: how many
 * @why: set to what is wrong, when it isn't memory
 *
 * When it returns, all of them hold; after an error none of them does. The caller has the open
 * sessions judged again afterwards. Sleeps, but for memory only.
 *
 * Return: 0, -ENODATA without a policy, -EINVAL, -E2BIG or -ENOMEM.
 */
int signet_revocations_publish(struct signet_policy_slot *slot,
			       const struct signet_revocation *revocations, size_t count,
			       const char **why);

#endif
