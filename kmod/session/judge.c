// SPDX-License-Identifier: GPL-2.0
/* Does the policy in force still allow the sessions that there are? */
#include "session/judge.h"

#include "identity/identity.h"
#include "identity/node.h"
#include "policy/policy.h"
#include "session/connection.h"
#include "session/ending.h"
#include "session/socket.h"
#include "watch/reason.h"

bool signet_judge_plain(struct signet_socket *ss)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);
	bool allowed = policy && policy->unidentified == SIGNET_UNIDENTIFIED_AUDIT;

	signet_policy_put(policy);
	if (!allowed)
		signet_session_end(ss, SIGNET_REASON_POLICY_CHANGED, SIGNET_ALERT_NONE);
	return !allowed;
}

/* True when the policy in force refuses it, and it is ending. */
static bool connection_judge(struct signet_socket *ss)
{
	struct signet_judgement judgement = {
		.role = ss->role,
		.local = &ss->local.any,
		.remote = &ss->remote.any,
	};
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	enum signet_connection_state state;
	enum signet_reason reason;
	struct signet_policy *policy;

	if (READ_ONCE(ss->plain))
		return signet_judge_plain(ss);
	state = signet_socket_state(ss);
	if (state != SIGNET_CONNECTION_STATE_OPEN && state != SIGNET_CONNECTION_STATE_CLOSING)
		return false;
	judgement.local_id = ss->credential->spiffe_id;
	judgement.local_serial = ss->credential->serial;
	judgement.peer_id = ss->peer.id;
	judgement.peer_serial = ss->peer.serial;
	policy = signet_policy_get(&ss->node->policy);
	if (policy)
		alert = signet_policy_judge(policy, &judgement, &reason);
	signet_policy_put(policy);
	if (alert == SIGNET_ALERT_NONE)
		return false;
	if (reason != SIGNET_REASON_SELF_REVOKED && reason != SIGNET_REASON_PEER_REVOKED)
		reason = SIGNET_REASON_POLICY_CHANGED;
	signet_session_end(ss, reason, alert);
	return true;
}

void signet_judge_session(struct signet_socket *ss, const struct signet_policy *trusted)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);

	if (!policy || !signet_policy_keeps_anchors(policy, trusted))
		signet_session_end(ss, SIGNET_REASON_POLICY_CHANGED,
				   signet_reason_alert(SIGNET_REASON_POLICY_CHANGED));
	else
		connection_judge(ss);
	signet_policy_put(policy);
}

/* Ends those that @doomed picks. All are told first; then the slowest is waited for. */
static void connections_sweep(struct signet_node *node,
			      bool (*doomed)(struct signet_socket *ss,
					     enum signet_reason reason),
			      enum signet_reason reason)
{
	struct signet_socket *ss, *next;
	unsigned long id = 0;
	LIST_HEAD(ending);

	/* Only one sweep at a time uses the links. */
	static DEFINE_MUTEX(sweeping);

	mutex_lock(&sweeping);
	while ((ss = signet_connection_next(&id))) {
		if (ss->node == node && doomed(ss, reason))
			list_add_tail(&ss->ending.link, &ending);
		else
			signet_socket_put(ss);
		cond_resched();
	}
	list_for_each_entry_safe(ss, next, &ending, ending.link) {
		flush_work(&ss->ending.work);
		list_del(&ss->ending.link);
		signet_socket_put(ss);
	}
	mutex_unlock(&sweeping);
}

static bool connection_doomed_by_policy(struct signet_socket *ss, enum signet_reason reason)
{
	return connection_judge(ss);
}

static bool connection_doomed(struct signet_socket *ss, enum signet_reason reason)
{
	signet_session_end(ss, reason, signet_reason_alert(reason));
	return READ_ONCE(ss->ending.ended);
}

void signet_judge_sessions(struct signet_node *node, const struct signet_policy *older)
{
	struct signet_policy *policy = signet_policy_get(&node->policy);

	/* Which chain a session was trusted by is not kept: without one root, none is sure. */
	if (policy && older && !signet_policy_keeps_anchors(policy, older))
		connections_sweep(node, connection_doomed,
				  SIGNET_REASON_POLICY_CHANGED);
	else
		connections_sweep(node, connection_doomed_by_policy,
				  SIGNET_REASON_NONE);
	signet_policy_put(policy);
}
