// SPDX-License-Identifier: GPL-2.0
#include "policy/revocation.h"

#include <linux/rcupdate.h>

#include "policy/policy.h"
#include "policy/slot.h"

bool signet_revoked_serial(struct signet_policy_slot *slot, const char *serial)
{
	bool revoked;

	rcu_read_lock();
	revoked = signet_revocations_has_serial(slot->revocations, serial);
	rcu_read_unlock();
	return revoked;
}

bool signet_revoked_spiffe_id(struct signet_policy_slot *slot, const char *spiffe_id)
{
	bool revoked;

	rcu_read_lock();
	revoked = signet_revocations_has_spiffe_id(slot->revocations, spiffe_id);
	rcu_read_unlock();
	return revoked;
}

enum signet_reason signet_revoked(struct signet_policy_slot *slot,
				  const struct signet_judgement *judgement)
{
	if (signet_revoked_spiffe_id(slot, judgement->local_id) ||
	    signet_revoked_serial(slot, judgement->local_serial))
		return SIGNET_REASON_SELF_REVOKED;
	if (signet_revoked_spiffe_id(slot, judgement->peer_id) ||
	    signet_revoked_serial(slot, judgement->peer_serial))
		return SIGNET_REASON_PEER_REVOKED;
	return SIGNET_REASON_NONE;
}

void signet_revoke_begin(struct signet_policy_slot *slot)
{
	mutex_lock(&slot->revoking);
	signet_revocations_begin(slot->revocations);
	mutex_unlock(&slot->revoking);
}

int signet_revoke(struct signet_policy_slot *slot, const struct signet_revocation *revocations,
		  size_t count, bool *any, const char **why)
{
	size_t before, i;
	int err = 0;

	mutex_lock(&slot->revoking);
	before = signet_revocations_count(slot->revocations);
	for (i = 0; i < count && !err; i++)
		err = signet_revocations_add(slot->revocations, &revocations[i], why);
	*any = signet_revocations_count(slot->revocations) != before;
	mutex_unlock(&slot->revoking);
	/* Whoever has brought the others has had the sessions judged. */
	if (*any)
		signet_policy_changed(slot);
	return err;
}
