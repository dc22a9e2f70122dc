/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A policy on its way in: begun, added to, committed. Nothing of it holds before the commit. An
 * error while adding drops all that was sent, so that nothing is ever applied half.
 */
#ifndef SIGNET_POLICY_LOAD_H
#define SIGNET_POLICY_LOAD_H

#include <linux/types.h>

#include "uapi/generated/signet.h"

struct signet_draft;
struct signet_policy;
struct signet_policy_slot;

/**
 * struct signet_policy_head - what a policy says beside its items
 * @trust_domain: of this node's workloads
 * @database_epoch: of the signer's database; at most SIGNET_MAX_DATABASE_EPOCH bytes
 * @revision: in that epoch; never 0
 * @default_deny: an inbound connection that no rule names is refused
 * @unidentified: what happens to a process without identity
 * @max_session_age_s: 0: SIGNET_SESSION_AGE_S
 * @handshake_timeout_ms: 0: SIGNET_HANDSHAKE_TIMEOUT_MS
 */
struct signet_policy_head {
	const char *trust_domain;
	const char *database_epoch;
	u64 revision;
	bool default_deny;
	enum signet_unidentified unidentified;
	u32 max_session_age_s;
	u32 handshake_timeout_ms;
};

/**
 * signet_policy_begin - begin a policy, and drop one that was begun before
 * @slot: of the node, locked
 * @head: copied
 * @why: set to what is wrong, when it isn't memory
 *
 * Return: 0; -EINVAL; -ESTALE when the revision would go back in the same epoch; -ENOMEM.
 */
int signet_policy_begin(struct signet_policy_slot *slot, const struct signet_policy_head *head,
			const char **why);

/**
 * signet_policy_draft - what items are added to
 * @slot: of the node, locked
 *
 * After an error of one that adds to it, it can only be dropped: signet_policy_abort().
 *
 * Return: NULL when no policy was begun, or an error dropped it.
 */
struct signet_draft *signet_policy_draft(struct signet_policy_slot *slot);

/**
 * signet_policy_commit - put the policy in force
 * @slot: of the node, locked
 * @older: the policy that was in force, or NULL; the caller's reference
 * @why: set to what is wrong
 *
 * Return: 0; -ENODATA when none was begun; -EINVAL for one without a root, or that isn't complete.
 */
int signet_policy_commit(struct signet_policy_slot *slot, struct signet_policy **older,
			 const char **why);

/**
 * signet_policy_abort - drop a policy that was begun, if any
 * @slot: locked, or in nobody else's hands any more
 */
void signet_policy_abort(struct signet_policy_slot *slot);

#endif
