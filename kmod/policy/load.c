// SPDX-License-Identifier: GPL-2.0
#include "policy/load.h"

#include <linux/string.h>

#include "core/x509/x509.h"
#include "policy/policy.h"
#include "policy/slot.h"

void signet_policy_abort(struct signet_policy_slot *slot)
{
	signet_policy_put(slot->draft);
	slot->draft = NULL;
}

static bool goes_back(const struct signet_policy *now, const struct signet_policy_head *head)
{
	return now && !strcmp(now->database_epoch, head->database_epoch) &&
	       head->revision < now->revision;
}

int signet_policy_begin(struct signet_policy_slot *slot, const struct signet_policy_head *head,
			const char **why)
{
	const struct signet_policy *now;

	lockdep_assert_held(&slot->lock);
	signet_policy_abort(slot);
	if (!head->revision) {
		*why = "revision 0 means that there is no policy";
		return -EINVAL;
	}
	if (!signet_trust_domain_valid(head->trust_domain)) {
		*why = "this is not the name of a trust domain";
		return -EINVAL;
	}
	now = rcu_dereference_protected(slot->in_force, lockdep_is_held(&slot->lock));
	if (goes_back(now, head)) {
		*why = "a newer revision of this epoch is in force";
		return -ESTALE;
	}
	slot->draft = signet_policy_new(head);
	return slot->draft ? 0 : -ENOMEM;
}

struct signet_draft *signet_policy_draft(struct signet_policy_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	return slot->draft ? slot->draft->draft : NULL;
}

int signet_policy_commit(struct signet_policy_slot *slot, struct signet_policy **older,
			 const char **why)
{
	struct signet_policy *draft = slot->draft;
	int err;

	lockdep_assert_held(&slot->lock);
	if (!draft) {
		*why = "no policy was begun, or an error dropped it";
		return -ENODATA;
	}
	err = signet_policy_finish(draft, why);
	if (err)
		return err;
	slot->draft = NULL;
	*older = rcu_replace_pointer(slot->in_force, draft, lockdep_is_held(&slot->lock));
	signet_policy_changed(slot);
	return 0;
}
