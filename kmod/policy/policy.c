// SPDX-License-Identifier: GPL-2.0
#include "policy/policy.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "core/policy/draft.h"
#include "policy/endpoint.h"
#include "policy/load.h"
#include "policy/slot.h"
#include "watch/reason.h"

/* Where policies and revocations that nobody uses any more are freed. */
static struct workqueue_struct *policy_wq;

struct signet_policy *signet_policy_get(struct signet_policy_slot *slot)
{
	struct signet_policy *policy;

	rcu_read_lock();
	policy = rcu_dereference(slot->in_force);
	if (policy && !refcount_inc_not_zero(&policy->refs))
		policy = NULL;
	rcu_read_unlock();
	return policy;
}

static void policy_free(struct signet_policy *policy)
{
	signet_draft_free(policy->draft);
	signet_bundle_free(policy->bundle);
	signet_tables_free(policy->tables);
	signet_revocations_free(rcu_dereference_protected(policy->revocations, true));
	kfree(policy);
}

static void policy_destroy(struct work_struct *work)
{
	policy_free(container_of(to_rcu_work(work), struct signet_policy, destroy));
}

void signet_policy_retire(struct rcu_work *work)
{
	queue_rcu_work(policy_wq, work);
}

void signet_policy_put(struct signet_policy *policy)
{
	if (policy && refcount_dec_and_test(&policy->refs))
		signet_policy_retire(&policy->destroy);
}

struct signet_policy *signet_policy_new(const struct signet_policy_head *head)
{
	struct signet_policy *policy = kzalloc(sizeof(*policy), GFP_KERNEL);

	if (!policy)
		return NULL;
	policy->draft = signet_draft_new(head->trust_domain, head->default_deny);
	if (!policy->draft) {
		kfree(policy);
		return NULL;
	}
	refcount_set(&policy->refs, 1);
	INIT_RCU_WORK(&policy->destroy, policy_destroy);
	strscpy(policy->trust_domain, head->trust_domain, sizeof(policy->trust_domain));
	strscpy(policy->database_epoch, head->database_epoch, sizeof(policy->database_epoch));
	policy->revision = head->revision;
	policy->unidentified = head->unidentified;
	policy->max_session_age_s = head->max_session_age_s ?: SIGNET_SESSION_AGE_S;
	policy->handshake_timeout_ms = head->handshake_timeout_ms ?: SIGNET_HANDSHAKE_TIMEOUT_MS;
	return policy;
}

int signet_policy_finish(struct signet_policy *policy, const char **why)
{
	struct signet_revocations *revocations;
	int err;

	err = signet_draft_finish(policy->draft, &policy->bundle, &policy->tables, &revocations,
				  why);
	if (err)
		return err;
	RCU_INIT_POINTER(policy->revocations, revocations);
	policy->anchors = *signet_bundle_anchors(policy->bundle);
	signet_draft_free(policy->draft);
	policy->draft = NULL;
	return 0;
}

bool signet_policy_keeps_anchors(const struct signet_policy *policy,
				 const struct signet_policy *older)
{
	return signet_bundle_keeps(policy->bundle, older->bundle);
}

void signet_policy_changed(struct signet_policy_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	/* A full barrier: pairs with handshake_finished(). */
	atomic64_inc_return(&slot->judgement);
}

static enum signet_reason revoked(const struct signet_policy *policy,
				  const struct signet_judgement *judgement)
{
	enum signet_reason reason = SIGNET_REASON_NONE;
	const struct signet_revocations *set;

	rcu_read_lock();
	set = rcu_dereference(policy->revocations);
	if (signet_revocations_has_spiffe_id(set, judgement->local_id) ||
	    signet_revocations_has_serial(set, judgement->local_serial))
		reason = SIGNET_REASON_SELF_REVOKED;
	else if (signet_revocations_has_spiffe_id(set, judgement->peer_id) ||
		 signet_revocations_has_serial(set, judgement->peer_serial))
		reason = SIGNET_REASON_PEER_REVOKED;
	rcu_read_unlock();
	return reason;
}

static enum signet_reason denied(const struct signet_policy *policy,
				 const struct signet_judgement *judgement)
{
	struct signet_endpoint local, remote;

	if (!signet_endpoint_of(&local, judgement->local) ||
	    !signet_endpoint_of(&remote, judgement->remote))
		return SIGNET_REASON_INTERNAL;
	if (judgement->role == SIGNET_ROLE_CLIENT)
		return signet_tables_outbound(policy->tables, &remote, judgement->peer_id) ?
			       SIGNET_REASON_NONE : SIGNET_REASON_PEER_NOT_DESTINATION;
	return signet_tables_inbound(policy->tables, judgement->local_id, judgement->peer_id,
				     local.port) ?
		       SIGNET_REASON_NONE : SIGNET_REASON_POLICY_DENIED;
}

enum signet_tls_alert signet_policy_judge(const struct signet_policy *policy,
					  const struct signet_judgement *judgement,
					  enum signet_reason *reason)
{
	*reason = revoked(policy, judgement);
	if (*reason == SIGNET_REASON_NONE)
		*reason = denied(policy, judgement);
	return signet_reason_alert(*reason);
}

void signet_serial_text(struct signet_bytes serial, char text[2 * SIGNET_SERIAL_MAX + 1])
{
	*text = '\0';
	if (serial.len && serial.len <= SIGNET_SERIAL_MAX)
		*bin2hex(text, serial.data, serial.len) = '\0';
}

void signet_policy_slot_init(struct signet_policy_slot *slot)
{
	mutex_init(&slot->lock);
}

void signet_policy_slot_clear(struct signet_policy_slot *slot)
{
	signet_policy_put(slot->draft);
	signet_policy_put(rcu_dereference_protected(slot->in_force, true));
	mutex_destroy(&slot->lock);
}

int signet_policy_init(void)
{
	policy_wq = alloc_workqueue("signet_policy", WQ_UNBOUND, 0);
	return policy_wq ? 0 : -ENOMEM;
}

void signet_policy_exit(void)
{
	/* What is freed is queued after a grace period. */
	rcu_barrier();
	destroy_workqueue(policy_wq);
}
