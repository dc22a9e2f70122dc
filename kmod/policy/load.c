// SPDX-License-Identifier: GPL-2.0
#include "policy/load.h"

#include <linux/slab.h>
#include <linux/string.h>

#include "core/policy/draft.h"
#include "core/x509/x509.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "policy/slot.h"

/* What was sent; nobody changes the policy in force meanwhile. */
struct signet_change {
	struct signet_policy *policy;
	struct signet_revocations *lifted;
	bool whole; /* begins with nothing */
};

static void change_free(struct signet_change *change)
{
	if (!change)
		return;
	signet_policy_put(change->policy);
	signet_revocations_free(change->lifted);
	kfree(change);
}

void signet_policy_abort(struct signet_policy_slot *slot)
{
	change_free(slot->change);
	slot->change = NULL;
}

static struct signet_policy *in_force(struct signet_policy_slot *slot)
{
	return rcu_dereference_protected(slot->in_force, lockdep_is_held(&slot->lock));
}

static bool goes_back(const struct signet_policy *now, const struct signet_policy_head *head)
{
	return now && !strcmp(now->database_epoch, head->database_epoch) &&
	       head->revision < now->revision;
}

static bool is_base(const struct signet_policy *now, const struct signet_policy_head *head)
{
	return now && !strcmp(now->database_epoch, head->database_epoch) &&
	       head->base == now->revision;
}

static int check_head(const struct signet_policy *now, const struct signet_policy_head *head,
		      const char **why)
{
	if (!head->revision) {
		*why = "revision 0 means that there is no policy";
		return -EINVAL;
	}
	if (!signet_trust_domain_valid(head->trust_domain)) {
		*why = "this is not the name of a trust domain";
		return -EINVAL;
	}
	if (goes_back(now, head)) {
		*why = "a newer revision of this epoch is in force";
		return -ESTALE;
	}
	if (head->base && !is_base(now, head)) {
		*why = "another revision than the one to be changed is in force";
		return -ESTALE;
	}
	return 0;
}

int signet_policy_begin(struct signet_policy_slot *slot, const struct signet_policy_head *head,
			const char **why)
{
	struct signet_policy *now = in_force(slot);
	struct signet_change *change;
	int err;

	signet_policy_abort(slot);
	err = check_head(now, head, why);
	if (err)
		return err;
	change = kzalloc(sizeof(*change), GFP_KERNEL);
	if (!change)
		return -ENOMEM;
	change->whole = !head->base;
	change->policy = signet_policy_new(head, change->whole ? NULL : now);
	change->lifted = signet_revocations_new();
	if (!change->policy || !change->lifted) {
		change_free(change);
		return -ENOMEM;
	}
	slot->change = change;
	return 0;
}

struct signet_draft *signet_policy_draft(struct signet_policy_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	return slot->change ? slot->change->policy->draft : NULL;
}

int signet_policy_lift(struct signet_policy_slot *slot,
		       const struct signet_revocation *revocation, const char **why)
{
	lockdep_assert_held(&slot->lock);
	if (slot->change->whole) {
		*why = "a policy that begins with nothing has nothing to remove";
		return -EINVAL;
	}
	return signet_revocations_add(slot->change->lifted, revocation, why);
}

/* In doubt they are judged. Who is let out of the scope stays as it is. */
static unsigned int affects(const struct signet_policy *now, const struct signet_policy *older,
			    const struct signet_draft_changes *changes)
{
	bool deny = signet_tables_default_deny(now->tables);
	unsigned int affected = 0;

	if (!older)
		return SIGNET_AFFECTS_PLAIN | SIGNET_AFFECTS_CLIENTS | SIGNET_AFFECTS_SERVERS;
	if (!signet_policy_keeps_anchors(now, older))
		affected |= SIGNET_AFFECTS_TRUST;
	if (now->unidentified != older->unidentified)
		affected |= SIGNET_AFFECTS_PLAIN;
	if (changes->destinations)
		affected |= SIGNET_AFFECTS_CLIENTS;
	/* The first rule for somebody refuses those whom it doesn't name. */
	if (changes->rules_removed || deny != signet_tables_default_deny(older->tables) ||
	    (changes->rules_added && !deny))
		affected |= SIGNET_AFFECTS_SERVERS;
	return affected;
}

static void lift(struct signet_policy_slot *slot, const struct signet_change *change)
{
	const struct signet_revocation *revocation;
	size_t i;

	mutex_lock(&slot->revoking);
	if (change->whole)
		signet_revocations_remove_others(slot->revocations);
	for (i = 0; (revocation = signet_revocations_at(change->lifted, i)); i++)
		signet_revocations_remove(slot->revocations, revocation);
	mutex_unlock(&slot->revoking);
}

int signet_policy_commit(struct signet_policy_slot *slot, unsigned int *affected,
			 const char **why)
{
	struct signet_policy *now, *older = in_force(slot);
	struct signet_change *change = slot->change;
	struct signet_draft_changes changes;
	int err;

	if (!change) {
		*why = "no change was begun, or an error dropped it";
		return -ENODATA;
	}
	now = change->policy;
	err = signet_policy_finish(now, &changes, why);
	if (err)
		return err;
	*affected = affects(now, older, &changes);
	rcu_assign_pointer(slot->in_force, now);
	lift(slot, change);
	signet_policy_changed(slot);
	change->policy = NULL;
	signet_policy_abort(slot);
	signet_policy_put(older);
	return 0;
}
