/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of the policy on its way in: begun, added to, committed. Nothing of it holds before the
 * commit, but for the revocations that come with it (policy/revocation.h). An error while it is
 * added to drops all that was sent, so that nothing is ever applied half.
 */
#ifndef SIGNET_POLICY_LOAD_H
#define SIGNET_POLICY_LOAD_H

#include <linux/types.h>

#include "uapi/generated/signet.h"

struct signet_draft;
struct signet_policy_slot;
struct signet_revocation;

/**
 * struct signet_policy_head - what a policy says beside its items
 * @trust_domain: of this node's workloads
 * @database_epoch: of the signer's database; at most SIGNET_MAX_DATABASE_EPOCH bytes
 * @revision: in that epoch; never 0
 * @base: the revision in force, of the same epoch, that is changed; 0: begin with nothing
 * @default_deny: an inbound connection that no rule names is refused
 * @unidentified: what happens to a process without identity
 * @max_session_age_s: 0: SIGNET_SESSION_AGE_S
 * @handshake_timeout_ms: 0: SIGNET_HANDSHAKE_TIMEOUT_MS
 */
struct signet_policy_head {
	const char *trust_domain;
	const char *database_epoch;
	u64 revision;
	u64 base;
	bool default_deny;
	enum signet_unidentified unidentified;
	u32 max_session_age_s;
	u32 handshake_timeout_ms;
};

/**
 * signet_policy_begin - begin a change, and drop one that was begun before
 * @slot: of the node, locked
 * @head: of the policy that will be in force; copied
 * @why: set to what is wrong, when it isn't memory
 *
 * After signet_revoke_begin().
 *
 * Return: 0; -EINVAL; -ESTALE when the revision would go back in the same epoch, or another than
 * @head's base is in force; -ENOMEM.
 */
int signet_policy_begin(struct signet_policy_slot *slot, const struct signet_policy_head *head,
			const char **why);

/**
 * signet_policy_draft - what items are removed from and added to
 * @slot: of the node, locked
 *
 * After an error of one that changes it, it can only be dropped: signet_policy_abort().
 *
 * Return: NULL when no change was begun, or an error dropped it.
 */
struct signet_draft *signet_policy_draft(struct signet_policy_slot *slot);

/**
 * signet_policy_lift - have the commit lift a revocation
 * @slot: of the node, locked; a change was begun
 * @revocation: copied; all of it must be the same, and it mustn't be added meanwhile
 * @why: set to what is wrong, when it isn't memory
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int signet_policy_lift(struct signet_policy_slot *slot,
		       const struct signet_revocation *revocation, const char **why);

/**
 * signet_policy_commit - put what was sent in force
 * @slot: of the node, locked
 * @affected: set to which sessions have to be judged: enum signet_affected
 * @why: set to what is wrong
 *
 * One that begins with nothing lifts the revocations that weren't added since it was begun. An
 * error leaves what was sent as it is.
 *
 * Return: 0; -ENODATA when none was begun; -EINVAL for one without a root, or that isn't complete;
 * -ENOENT when what was removed wasn't there; -ENOMEM.
 */
int signet_policy_commit(struct signet_policy_slot *slot, unsigned int *affected,
			 const char **why);

/**
 * signet_policy_abort - drop a change that was begun, if any
 * @slot: locked, or in nobody else's hands any more
 */
void signet_policy_abort(struct signet_policy_slot *slot);

#endif
