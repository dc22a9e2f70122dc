// SPDX-License-Identifier: GPL-2.0
#include "identity/resolve.h"

#include <linux/nsproxy.h>
#include <linux/sched.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "identity/process.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "watch/reason.h"
#include "watch/stats.h"
#include "watch/trace.h"

/*
 * A resolution's work item is both its deadline and its completion: whoever has the result writes
 * it, makes the state READY and has the item run at once. All states change under the node's lock.
 */

static int refuse(struct signet_resolution *resolution, enum signet_reason reason)
{
	resolution->reason = reason;
	resolution->error = signet_reason_errno(reason);
	return resolution->error;
}

static int let_through(struct signet_resolution *resolution, enum signet_reason reason)
{
	resolution->reason = reason;
	resolution->error = 0;
	resolution->plaintext = true;
	return 0;
}

static void finish(struct signet_resolution *resolution)
{
	resolution->state = SIGNET_RESOLUTION_READY;
	mod_delayed_work(signet_agent_wq, &resolution->work, 0);
}

static void trace_resolved(const struct signet_resolution *resolution)
{
	trace_signet_resolved(resolution->error, resolution->reason, resolution->plaintext);
}

static void set_deadline(struct signet_resolution *resolution, unsigned long deadline)
{
	resolution->deadline = deadline;
	mod_delayed_work(signet_agent_wq, &resolution->work,
			 time_after(deadline, jiffies) ? deadline - jiffies : 0);
}

/* The handshake's own deadline, counted from the start: what is used up here is gone for it. */
static unsigned long handshake_deadline(const struct signet_resolution *resolution)
{
	const struct signet_policy *policy;
	unsigned long deadline;

	rcu_read_lock();
	policy = rcu_dereference(resolution->node->policy.in_force);
	deadline = resolution->started +
		   msecs_to_jiffies(policy ? policy->handshake_timeout_ms :
					     SIGNET_HANDSHAKE_TIMEOUT_MS);
	rcu_read_unlock();
	return deadline;
}

static int no_identity(struct signet_resolution *resolution, enum signet_reason reason)
{
	const struct signet_policy *policy;
	bool audit;

	rcu_read_lock();
	policy = rcu_dereference(resolution->node->policy.in_force);
	audit = policy && policy->unidentified == SIGNET_UNIDENTIFIED_AUDIT;
	rcu_read_unlock();
	return audit ? let_through(resolution, reason) : refuse(resolution, reason);
}

/* With the lock held: 0, -EINPROGRESS after joining those who wait, or refused. */
static int certify(struct signet_resolution *resolution, struct signet_identity *identity)
{
	struct signet_node *node = resolution->node;
	struct signet_credential *credential = identity->credential;
	enum signet_reason reason = SIGNET_REASON_NO_CERTIFICATE;

	if (signet_revoked_spiffe_id(&node->policy, identity->spiffe_id))
		return refuse(resolution, SIGNET_REASON_SELF_REVOKED);
	if (credential && signet_revoked_serial(&node->policy, credential->serial)) {
		reason = SIGNET_REASON_SELF_REVOKED;
	} else if (credential && signet_credential_shared(credential)) {
		reason = SIGNET_REASON_CLONED;
	} else if (credential && ktime_get_real_seconds() >= credential->not_after) {
		reason = SIGNET_REASON_CERTIFICATE_EXPIRED;
	} else if (credential) {
		resolution->credential = signet_credential_get(credential);
		resolution->reason = SIGNET_REASON_NONE;
		resolution->error = 0;
		return 0;
	}

	if (!signet_agent_registered(node))
		return refuse(resolution, reason);
	if (!identity->request && !identity->making) {
		if (signet_identity_refused(identity))
			return refuse(resolution, SIGNET_REASON_CERTIFICATE_REFUSED);
		signet_identity_want_key(identity);
	}
	resolution->state = SIGNET_RESOLUTION_CERTIFY;
	resolution->reason = reason;
	list_add_tail(&resolution->link, &identity->waiting);
	set_deadline(resolution, handshake_deadline(resolution));
	return -EINPROGRESS;
}

/* The process is known: go on from the agent's answer. With the lock held; as certify(). */
static int judge(struct signet_resolution *resolution, struct signet_process *process)
{
	switch (process->verdict) {
	case SIGNET_VERDICT_IDENTITY:
		return certify(resolution, process->identity);
	case SIGNET_VERDICT_NONE:
		return no_identity(resolution, SIGNET_REASON_NO_IDENTITY);
	case SIGNET_VERDICT_AMBIGUOUS:
		return no_identity(resolution, SIGNET_REASON_AMBIGUOUS_IDENTITY);
	default:
		return refuse(resolution, SIGNET_REASON_NO_IDENTITY);
	}
}

void signet_resolve_identified(struct signet_process *process, enum signet_reason reason)
{
	struct signet_resolution *resolution, *next;

	list_for_each_entry_safe(resolution, next, &process->waiting, link) {
		lockdep_assert_held(&resolution->node->lock);
		list_del_init(&resolution->link);
		if (reason != SIGNET_REASON_NONE)
			refuse(resolution, reason);
		else if (judge(resolution, process) == -EINPROGRESS)
			continue;
		finish(resolution);
	}
}

void signet_resolve_certified(struct signet_identity *identity, enum signet_reason reason)
{
	struct signet_resolution *resolution, *next;
	LIST_HEAD(waiting);

	lockdep_assert_held(&identity->node->lock);
	list_splice_init(&identity->waiting, &waiting);
	list_for_each_entry_safe(resolution, next, &waiting, link) {
		list_del_init(&resolution->link);
		if (reason != SIGNET_REASON_NONE)
			refuse(resolution, reason);
		else if (certify(resolution, identity) == -EINPROGRESS)
			continue;
		finish(resolution);
	}
}

/* It is no longer in any list of those who wait. A question that nobody waits for is dropped. */
static void stop_waiting(struct signet_resolution *resolution, struct list_head *dead)
{
	struct signet_process *process = resolution->process;

	list_del_init(&resolution->link);
	if (process->state == SIGNET_PROCESS_ASKING && list_empty(&process->waiting))
		signet_process_forget(resolution->node, process, dead);
}

static void time_out(struct signet_resolution *resolution, struct list_head *dead)
{
	enum signet_reason reason = resolution->reason;

	if (resolution->state == SIGNET_RESOLUTION_IDENTIFY)
		reason = signet_agent_registered(resolution->node) ?
				 SIGNET_REASON_IDENTIFY_TIMEOUT : SIGNET_REASON_NO_AGENT;
	stop_waiting(resolution, dead);
	refuse(resolution, reason);
	resolution->state = SIGNET_RESOLUTION_READY;
}

static void resolution_work(struct work_struct *work)
{
	struct signet_resolution *resolution = container_of(work, struct signet_resolution,
							    work.work);
	struct signet_node *node = resolution->node;
	struct signet_process *process;
	bool done = false;
	LIST_HEAD(dead);

	spin_lock(&node->lock);
	if (resolution->state == SIGNET_RESOLUTION_IDENTIFY ||
	    resolution->state == SIGNET_RESOLUTION_CERTIFY) {
		if (time_before(jiffies, resolution->deadline))
			set_deadline(resolution, resolution->deadline);
		else
			time_out(resolution, &dead);
	}
	/* Queued once more since this run began: then the last run calls, as it comes after. */
	if (resolution->state == SIGNET_RESOLUTION_READY &&
	    !delayed_work_pending(&resolution->work)) {
		resolution->state = SIGNET_RESOLUTION_DONE;
		process = resolution->process;
		resolution->process = NULL;
		signet_process_wait_end(node, process);
		done = true;
	}
	spin_unlock(&node->lock);

	signet_processes_put(&dead);
	if (!done)
		return;
	signet_process_put(process);
	trace_resolved(resolution);
	resolution->done(resolution);
}

void signet_resolution_init(struct signet_resolution *resolution, struct signet_node *node,
			    void (*done)(struct signet_resolution *resolution))
{
	memset(resolution, 0, sizeof(*resolution));
	resolution->node = node;
	resolution->done = done;
	INIT_LIST_HEAD(&resolution->link);
	INIT_DELAYED_WORK(&resolution->work, resolution_work);
}

/* "No identity" is asked again after a while, so that a later label or container is seen. */
static bool stale(struct signet_node *node, const struct signet_process *process)
{
	return process->state == SIGNET_PROCESS_KNOWN &&
	       process->verdict != SIGNET_VERDICT_IDENTITY && signet_agent_registered(node) &&
	       ktime_after(ktime_get_boottime(),
			   ktime_add_ms(process->answered, SIGNET_NO_IDENTITY_AGE_MS));
}

/* With the lock held; the process is in the table. As certify(). */
static int join(struct signet_resolution *resolution, struct signet_process *process)
{
	int err;

	if (resolution->state == SIGNET_RESOLUTION_CANCELLED)
		return refuse(resolution, SIGNET_REASON_LOCAL_CLOSE);
	err = signet_process_wait(resolution->node, process);
	if (err)
		return refuse(resolution, SIGNET_REASON_LIMIT);
	resolution->process = process;
	if (process->state == SIGNET_PROCESS_ASKING) {
		resolution->state = SIGNET_RESOLUTION_IDENTIFY;
		list_add_tail(&resolution->link, &process->waiting);
		set_deadline(resolution, resolution->started + SIGNET_IDENTIFY_TIMEOUT);
		err = -EINPROGRESS;
	} else {
		err = judge(resolution, process);
	}
	if (err == -EINPROGRESS) {
		signet_process_get(process);
	} else {
		resolution->process = NULL;
		signet_process_wait_end(resolution->node, process);
	}
	return err;
}

static enum signet_reason reason_of_error(int err)
{
	switch (err) {
	case -ENOMEM:
		return SIGNET_REASON_NO_MEMORY;
	case -ENOBUFS:
		return SIGNET_REASON_LIMIT;
	default:
		return SIGNET_REASON_INTERNAL;
	}
}

/* @known: the process as it was met before, unless it is the calling one. */
static int resolve(struct signet_resolution *resolution, const struct signet_process_facts *facts,
		   const struct signet_process *known)
{
	struct signet_node *node = resolution->node;
	struct signet_process *process, *fresh;
	LIST_HEAD(dead);
	int err;

	spin_lock(&node->lock);
	process = signet_process_find(node, facts);
	if (process && stale(node, process)) {
		signet_process_forget(node, process, &dead);
		process = NULL;
	}
	if (process)
		err = join(resolution, process);
	else
		err = signet_agent_registered(node) ? -EAGAIN :
						      refuse(resolution, SIGNET_REASON_NO_AGENT);
	spin_unlock(&node->lock);
	signet_processes_put(&dead);
	if (err != -EAGAIN)
		return err;

	fresh = known ? signet_process_again(known) : signet_process_new(facts);
	if (IS_ERR(fresh))
		return refuse(resolution, reason_of_error(PTR_ERR(fresh)));
	spin_lock(&node->lock);
	/* Another thread of the process may have been quicker. */
	process = signet_process_find(node, facts);
	if (process) {
		err = join(resolution, process);
	} else {
		err = signet_process_ask(node, fresh, &dead);
		err = err ? refuse(resolution, SIGNET_REASON_LIMIT) : join(resolution, fresh);
		if (err != -EINPROGRESS && fresh->state == SIGNET_PROCESS_ASKING)
			signet_process_forget(node, fresh, &dead);
	}
	spin_unlock(&node->lock);
	signet_process_put(fresh);
	signet_processes_put(&dead);
	queue_delayed_work(signet_agent_wq, &node->deliver, 0);
	return err;
}

static int resolve_counted(struct signet_resolution *resolution, struct net *net,
			   const struct signet_process_facts *facts,
			   const struct signet_process *known)
{
	int err;

	signet_count(net, SIGNET_COUNT_RESOLVE);
	err = resolve(resolution, facts, known);
	if (err != -EINPROGRESS) {
		signet_count(net, SIGNET_COUNT_RESOLVE_AT_ONCE);
		trace_resolved(resolution);
	}
	return err;
}

int signet_resolve(struct signet_resolution *resolution)
{
	struct signet_process_facts facts;
	int err;

	resolution->started = jiffies;
	if (signet_process_facts_get(&facts))
		return refuse(resolution, SIGNET_REASON_NO_IDENTITY);
	err = resolve_counted(resolution, current->nsproxy->net_ns, &facts, NULL);
	signet_process_facts_put(&facts);
	return err;
}

int signet_resolve_as(struct signet_resolution *resolution, struct net *net,
		      const struct signet_process *process)
{
	resolution->started = jiffies;
	return resolve_counted(resolution, net, &process->facts, process);
}

bool signet_resolve_cancel(struct signet_resolution *resolution)
{
	struct signet_node *node = resolution->node;
	struct signet_process *process = NULL;
	LIST_HEAD(dead);
	bool ran;

	spin_lock(&node->lock);
	switch (resolution->state) {
	case SIGNET_RESOLUTION_IDLE: /* perhaps signet_resolve() is about to begin */
		resolution->state = SIGNET_RESOLUTION_CANCELLED;
		break;
	case SIGNET_RESOLUTION_IDENTIFY:
	case SIGNET_RESOLUTION_CERTIFY:
	case SIGNET_RESOLUTION_READY:
		stop_waiting(resolution, &dead);
		process = resolution->process;
		resolution->process = NULL;
		signet_process_wait_end(node, process);
		resolution->state = SIGNET_RESOLUTION_CANCELLED;
		break;
	default:
		break;
	}
	ran = resolution->state == SIGNET_RESOLUTION_DONE;
	spin_unlock(&node->lock);

	cancel_delayed_work_sync(&resolution->work);
	signet_processes_put(&dead);
	if (process) {
		signet_process_put(process);
		signet_credential_put(resolution->credential);
		resolution->credential = NULL;
	}
	return !ran;
}
