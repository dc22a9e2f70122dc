/* SPDX-License-Identifier: GPL-2.0 */
/* Where a node keeps its policy. */
#ifndef SIGNET_POLICY_SLOT_H
#define SIGNET_POLICY_SLOT_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct pid;
struct signet_change;
struct signet_policy;
struct signet_revocations;

/**
 * struct signet_policy_slot - the policy of a node
 * @lock: serialises changes of what follows. Taken after the node's change mutex; may be held
 *        while sleeping, but never while waiting for a program or a peer
 * @in_force: the policy in force, or NULL; RCU; written with @lock held
 * @change: what is being sent; guarded by @lock
 * @revoking: serialises changes of @revocations, so that they wait for no policy. Taken after
 *            @lock; held for as long as a few of them take
 * @revocations: who no longer may, whatever the policy is; readers under RCU
 * @judgement: grows whenever policy or revocations changed (signet_policy_judgement())
 * @exempt: the process whose own connections are outside the scope; compared, never followed
 */
struct signet_policy_slot {
	struct mutex lock; /* changes of the rest */
	struct signet_policy __rcu *in_force;
	struct signet_change *change;
	struct mutex revoking; /* changes of @revocations */
	struct signet_revocations *revocations;
	atomic64_t judgement;
	struct pid *exempt;
};

/**
 * signet_policy_judgement - the moment of policy and revocations
 * @slot: of the node
 *
 * Read it before signet_policy_judge(), and once more after the connection can be found by a sweep:
 * when it differs, a change came between and the connection has to be judged again. It is raised
 * after the new policy is in force and before open sessions are judged.
 */
static inline s64 signet_policy_judgement(struct signet_policy_slot *slot)
{
	return atomic64_read_acquire(&slot->judgement);
}

#endif
