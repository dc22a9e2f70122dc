// SPDX-License-Identifier: GPL-2.0
/* Does the policy in force still allow the sessions that there are? */
#include "session/judge.h"

#include "identity/identity.h"
#include "identity/node.h"
#include "policy/policy.h"
#include "session/connection.h"
#include "session/ending.h"
#include "session/socket.h"

bool signet_judge_plain(struct signet_socket *ss)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);
	bool allowed = policy && policy->unidentified == SIGNET_UNIDENTIFIED_AUDIT;

	signet_policy_put(policy);
	if (!allowed)
		signet_session_end(ss, SIGNET_REASON_POLICY_CHANGED);
	return !allowed;
}

static void connection_distrust(struct signet_socket *ss)
{
	signet_session_end(ss, SIGNET_REASON_POLICY_CHANGED);
}

/* Ends it when the policy in force refuses it. */
static void connection_judge(struct signet_socket *ss)
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

	if (READ_ONCE(ss->plain)) {
		signet_judge_plain(ss);
		return;
	}
	state = signet_socket_state(ss);
	if (state < SIGNET_CONNECTION_STATE_ACCEPTING || state > SIGNET_CONNECTION_STATE_CLOSING)
		return;
	judgement.local_id = ss->credential->spiffe_id;
	judgement.local_serial = ss->credential->serial;
	judgement.peer_id = ss->peer.id;
	judgement.peer_serial = ss->peer.serial;
	policy = signet_policy_get(&ss->node->policy);
	if (policy)
		alert = signet_policy_judge(policy, &judgement, &reason);
	signet_policy_put(policy);
	if (alert == SIGNET_ALERT_NONE)
		return;
	if (reason != SIGNET_REASON_SELF_REVOKED && reason != SIGNET_REASON_PEER_REVOKED)
		reason = SIGNET_REASON_POLICY_CHANGED;
	signet_session_end(ss, reason);
}

void signet_judge_session(struct signet_socket *ss, const struct signet_policy *trusted)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);

	if (!policy || !signet_policy_keeps_anchors(policy, trusted))
		connection_distrust(ss);
	else
		connection_judge(ss);
	signet_policy_put(policy);
}

void signet_judge_key(struct signet_socket *ss)
{
	/* Pairs with handshake.c, which sets the credential first. */
	if (!smp_load_acquire(&ss->identified) || !ss->credential ||
	    !signet_credential_shared(ss->credential))
		return;
	signet_session_end(ss, SIGNET_REASON_CLONED);
	if (signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_ACCEPTING)
		return;
	cmpxchg(&ss->setup.expired, SIGNET_REASON_NONE, SIGNET_REASON_CLONED);
	signet_turn_ask(ss);
}

static void connection_wake(struct signet_socket *ss)
{
	signet_ending_by_age(ss);
	connection_judge(ss);
}

/*
 * Of a node, or of all. They are blocked when it is through; what isn't in a program's hands is
 * closed, too.
 */
static void connections_sweep(struct signet_node *node, void (*judge)(struct signet_socket *ss))
{
	struct signet_socket *ss;
	unsigned long id = 0;

	while ((ss = signet_connection_next(&id))) {
		if (!node || ss->node == node)
			judge(ss);
		signet_socket_put(ss);
		cond_resched();
	}
	signet_ending_settle();
}

void signet_judge_sessions(struct signet_node *node, const struct signet_policy *older)
{
	struct signet_policy *policy = signet_policy_get(&node->policy);

	/* Which chain a session was trusted by is not kept: without one root, none is sure. */
	if (policy && older && !signet_policy_keeps_anchors(policy, older))
		connections_sweep(node, connection_distrust);
	else
		connections_sweep(node, connection_judge);
	signet_policy_put(policy);
}

void signet_judge_awake(void)
{
	connections_sweep(NULL, connection_wake);
}

void signet_judge_cloned(void)
{
	connections_sweep(NULL, signet_judge_key);
}
