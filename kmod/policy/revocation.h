/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The revocations in force on a node. They stand beside its policy: one that is added holds at
 * once, whatever policy there is, is being sent, or was refused. Only a policy lifts them.
 */
#ifndef SIGNET_REVOCATION_H
#define SIGNET_REVOCATION_H

#include "core/policy/revocation_set.h"
#include "uapi/generated/signet.h"

struct signet_judgement;
struct signet_policy_slot;

/* Is a serial number revoked? Lower-case hex. RCU; doesn't sleep. */
bool signet_revoked_serial(struct signet_policy_slot *slot, const char *serial);
/* Is a SPIFFE ID banned? RCU; doesn't sleep. */
bool signet_revoked_spiffe_id(struct signet_policy_slot *slot, const char *spiffe_id);

/**
 * signet_revoked - is either of two that talk revoked?
 * @slot: of the node
 * @judgement: about whom
 *
 * RCU; doesn't sleep. See signet_policy_judgement() for changes that come while it is used.
 *
 * Return: SIGNET_REASON_NONE, SIGNET_REASON_SELF_REVOKED or SIGNET_REASON_PEER_REVOKED.
 */
enum signet_reason signet_revoked(struct signet_policy_slot *slot,
				  const struct signet_judgement *judgement);

/**
 * signet_revoke_begin - a change of the policy begins, which may lift revocations
 * @slot: of the node
 *
 * It will lift none that is added from now on, so this comes before those of its first message.
 */
void signet_revoke_begin(struct signet_policy_slot *slot);

/**
 * signet_revoke - add revocations
 * @slot: of the node; its lock may be held by somebody who is busy with a policy
 * @revocations: to be added; each was checked by signet_revocation_check()
 * @count: how many
 * @any: set to whether one of them is new: then the caller has the open sessions judged again, also
 *	after an error
 * @why: set to what is wrong, when it isn't memory
 *
 * When it returns, all of them hold; after an error perhaps some. Sleeps, but for memory and
 * readers of RCU only.
 *
 * Return: 0, -E2BIG or -ENOMEM.
 */
int signet_revoke(struct signet_policy_slot *slot, const struct signet_revocation *revocations,
		  size_t count, bool *any, const char **why);

#endif
