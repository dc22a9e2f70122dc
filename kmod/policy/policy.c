// SPDX-License-Identifier: GPL-2.0
#include "policy/policy.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "core/policy/draft.h"
#include "core/policy/revocation_set.h"
#include "policy/endpoint.h"
#include "policy/load.h"
#include "policy/slot.h"

/* Where policies that nobody uses any more are freed. */
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

/* What policies share that differ in what they say beside their items. */
struct signet_policy_items {
	refcount_t refs;
	struct signet_bundle *bundle;
	struct signet_tables *tables;
};

static struct signet_policy_items *items_new(void)
{
	struct signet_policy_items *items = kzalloc(sizeof(*items), GFP_KERNEL);

	if (items)
		refcount_set(&items->refs, 1);
	return items;
}

static struct signet_policy_items *items_hold(struct signet_policy_items *items)
{
	refcount_inc(&items->refs);
	return items;
}

static void items_put(struct signet_policy_items *items)
{
	if (!items || !refcount_dec_and_test(&items->refs))
		return;
	signet_bundle_free(items->bundle);
	signet_tables_free(items->tables);
	kfree(items);
}

static void policy_free(struct signet_policy *policy)
{
	signet_draft_free(policy->draft);
	items_put(policy->items);
	items_put(policy->base);
	kfree(policy);
}

static void policy_destroy(struct work_struct *work)
{
	policy_free(container_of(to_rcu_work(work), struct signet_policy, destroy));
}

void signet_policy_put(struct signet_policy *policy)
{
	if (policy && refcount_dec_and_test(&policy->refs))
		queue_rcu_work(policy_wq, &policy->destroy);
}

struct signet_policy *signet_policy_new(const struct signet_policy_head *head,
					const struct signet_policy *base)
{
	struct signet_policy *policy = kzalloc(sizeof(*policy), GFP_KERNEL);
	struct signet_draft_base items;

	if (!policy)
		return NULL;
	if (base) {
		items = (struct signet_draft_base){ base->bundle, base->tables };
		policy->base = items_hold(base->items);
	}
	policy->items = items_new();
	policy->draft = signet_draft_new(head->trust_domain, head->default_deny,
					 base ? &items : NULL);
	if (!policy->items || !policy->draft) {
		policy_free(policy);
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

int signet_policy_finish(struct signet_policy *policy, struct signet_draft_changes *changes,
			 const char **why)
{
	struct signet_policy_items *items = policy->items;
	int err;

	err = signet_draft_finish(policy->draft, &items->bundle, &items->tables, changes, why);
	if (err)
		return err;
	if (!items->tables)
		swap(policy->items, policy->base);
	items_put(policy->base);
	policy->base = NULL;
	policy->bundle = policy->items->bundle;
	policy->tables = policy->items->tables;
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
	/* A full barrier: pairs with handshake_finished(). */
	atomic64_inc_return(&slot->judgement);
}

enum signet_reason signet_policy_judge(const struct signet_policy *policy,
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

void signet_serial_text(struct signet_bytes serial, char text[2 * SIGNET_SERIAL_MAX + 1])
{
	*text = '\0';
	if (serial.len && serial.len <= SIGNET_SERIAL_MAX)
		*bin2hex(text, serial.data, serial.len) = '\0';
}

int signet_policy_slot_init(struct signet_policy_slot *slot)
{
	mutex_init(&slot->lock);
	mutex_init(&slot->revoking);
	slot->revocations = signet_revocations_new();
	return slot->revocations ? 0 : -ENOMEM;
}

void signet_policy_slot_clear(struct signet_policy_slot *slot)
{
	signet_policy_abort(slot);
	signet_policy_put(rcu_dereference_protected(slot->in_force, true));
	signet_revocations_free(slot->revocations);
	mutex_destroy(&slot->revoking);
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
