// SPDX-License-Identifier: GPL-2.0
#include "policy/revocation.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "policy/policy.h"
#include "policy/slot.h"

bool signet_revoked_serial(struct signet_policy_slot *slot, const char *serial)
{
	const struct signet_policy *policy;
	bool revoked;

	rcu_read_lock();
	policy = rcu_dereference(slot->in_force);
	revoked = policy && signet_revocations_has_serial(rcu_dereference(policy->revocations),
							  serial);
	rcu_read_unlock();
	return revoked;
}

bool signet_revoked_spiffe_id(struct signet_policy_slot *slot, const char *spiffe_id)
{
	const struct signet_policy *policy;
	bool revoked;

	rcu_read_lock();
	policy = rcu_dereference(slot->in_force);
	revoked = policy && signet_revocations_has_spiffe_id(rcu_dereference(policy->revocations),
							     spiffe_id);
	rcu_read_unlock();
	return revoked;
}

/* A set that was replaced, until nobody looks into it. */
struct retired_revocations {
	struct rcu_work work;
	struct signet_revocations *set;
};

static void free_retired(struct work_struct *work)
{
	struct retired_revocations *retired = container_of(to_rcu_work(work),
							   struct retired_revocations, work);

	signet_revocations_free(retired->set);
	kfree(retired);
}

int signet_revocations_publish(struct signet_policy_slot *slot,
			       const struct signet_revocation *revocations, size_t count,
			       const char **why)
{
	struct signet_revocations *set, *old;
	struct retired_revocations *retired;
	struct signet_policy *policy;
	int err;
	size_t i;

	lockdep_assert_held(&slot->lock);
	policy = rcu_dereference_protected(slot->in_force, lockdep_is_held(&slot->lock));
	if (!policy) {
		*why = "no policy is in force to add revocations to";
		return -ENODATA;
	}
	old = rcu_dereference_protected(policy->revocations, lockdep_is_held(&slot->lock));
	set = signet_revocations_copy(old);
	retired = kzalloc(sizeof(*retired), GFP_KERNEL);
	err = set && retired ? 0 : -ENOMEM;
	for (i = 0; i < count && !err; i++)
		err = signet_revocations_add(set, &revocations[i], why);
	if (err) {
		signet_revocations_free(set);
		kfree(retired);
		return err;
	}
	rcu_assign_pointer(policy->revocations, set);
	signet_policy_changed(slot);
	retired->set = old;
	INIT_RCU_WORK(&retired->work, free_retired);
	signet_policy_retire(&retired->work);
	return 0;
}
