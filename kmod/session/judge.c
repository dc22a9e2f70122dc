// SPDX-License-Identifier: GPL-2.0
/* Does the policy in force still allow the sessions that there are? */
#include "session/judge.h"

#include "identity/identity.h"
#include "identity/node.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "session/connection.h"
#include "session/ending.h"
#include "session/socket.h"
#include "watch/stats.h"

bool signet_judge_plain(struct signet_socket *ss)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);
	bool allowed = policy && policy->unidentified == SIGNET_UNIDENTIFIED_AUDIT;

	signet_policy_put(policy);
	if (!allowed)
		signet_session_end(ss, SIGNET_REASON_POLICY_CHANGED);
	return !allowed;
}

static struct signet_judgement judgement_of(struct signet_socket *ss)
{
	return (struct signet_judgement){
		.role = ss->role,
		.local_id = ss->credential->spiffe_id,
		.local_serial = ss->credential->serial,
		.peer_id = ss->peer.id,
		.peer_serial = ss->peer.serial,
		.local = &ss->local.any,
		.remote = &ss->remote.any,
	};
}

/* Why not any more. */
static enum signet_reason refusal(struct signet_socket *ss, const struct signet_policy *policy,
				  unsigned int affected)
{
	const struct signet_judgement judgement = judgement_of(ss);
	enum signet_reason reason = SIGNET_REASON_NONE;

	if (affected & SIGNET_AFFECTS_REVOKED)
		reason = signet_revoked(&ss->node->policy, &judgement);
	if (reason != SIGNET_REASON_NONE)
		return reason;
	if (affected & SIGNET_AFFECTS_TRUST)
		return SIGNET_REASON_POLICY_CHANGED;
	if (affected & ~SIGNET_AFFECTS_REVOKED && policy &&
	    signet_policy_judge(policy, &judgement) != SIGNET_REASON_NONE)
		return SIGNET_REASON_POLICY_CHANGED;
	return SIGNET_REASON_NONE;
}

/* What may refuse this one. */
static unsigned int affecting(struct signet_socket *ss)
{
	enum signet_connection_state state = signet_socket_state(ss);

	if (READ_ONCE(ss->plain))
		return SIGNET_AFFECTS_PLAIN;
	if (state < SIGNET_CONNECTION_STATE_ACCEPTING || state > SIGNET_CONNECTION_STATE_CLOSING)
		return 0;
	return SIGNET_AFFECTS_REVOKED | SIGNET_AFFECTS_TRUST |
	       (ss->role == SIGNET_ROLE_CLIENT ? SIGNET_AFFECTS_CLIENTS : SIGNET_AFFECTS_SERVERS);
}

static void count(struct signet_socket *ss)
{
	spin_lock(&ss->lock);
	if (!ss->gone)
		signet_count(sock_net(ss->sk), SIGNET_COUNT_JUDGED);
	spin_unlock(&ss->lock);
}

/* True when it is refused. */
static bool judge(struct signet_socket *ss, const struct signet_policy *policy,
		  unsigned int affected)
{
	enum signet_reason reason;

	affected &= affecting(ss);
	if (!affected)
		return false;
	count(ss);
	if (affected & SIGNET_AFFECTS_PLAIN)
		return signet_judge_plain(ss);
	reason = refusal(ss, policy, affected);
	if (reason == SIGNET_REASON_NONE)
		return false;
	signet_session_end(ss, reason);
	return true;
}

void signet_judge_session(struct signet_socket *ss, const struct signet_policy *trusted)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);
	unsigned int affected = SIGNET_AFFECTS_REVOKED | SIGNET_AFFECTS_CLIENTS |
				SIGNET_AFFECTS_SERVERS;

	if (!policy || !signet_policy_keeps_anchors(policy, trusted))
		affected |= SIGNET_AFFECTS_TRUST;
	judge(ss, policy, affected);
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

void signet_judge_sessions(struct signet_node *node, unsigned int affected)
{
	struct signet_policy *policy;
	struct signet_socket *ss;
	unsigned long id = 0;
	bool any = false;

	if (!affected)
		return;
	policy = signet_policy_get(&node->policy);
	while ((ss = signet_connection_next(&id))) {
		if (ss->node == node && judge(ss, policy, affected))
			any = true;
		signet_socket_put(ss);
		cond_resched();
	}
	signet_policy_put(policy);
	if (any)
		signet_ending_settle();
}

/* Of all nodes; as signet_judge_sessions(). */
static void sweep(void (*look)(struct signet_socket *ss))
{
	struct signet_socket *ss;
	unsigned long id = 0;

	while ((ss = signet_connection_next(&id))) {
		look(ss);
		signet_socket_put(ss);
		cond_resched();
	}
	signet_ending_settle();
}

void signet_judge_awake(void)
{
	sweep(signet_ending_by_age);
}

void signet_judge_cloned(void)
{
	sweep(signet_judge_key);
}
