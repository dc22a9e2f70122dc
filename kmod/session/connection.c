// SPDX-License-Identifier: GPL-2.0
/* The table of protected connections, by ID; how the module ends a session that is open. */
#include "session/connection.h"

#include <linux/xarray.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "policy/policy.h"
#include "session/control.h"
#include "session/socket.h"
#include "watch/reason.h"

static DEFINE_XARRAY(signet_connections);
static atomic64_t signet_connection_ids = ATOMIC64_INIT(0);

int signet_connection_add(struct signet_socket *ss)
{
	ss->id = atomic64_inc_return(&signet_connection_ids);
	return xa_err(xa_store(&signet_connections, ss->id, ss, GFP_KERNEL));
}

void signet_connection_remove(struct signet_socket *ss)
{
	spin_lock(&ss->lock);
	ss->gone = true;
	spin_unlock(&ss->lock);
	xa_erase(&signet_connections, ss->id);
	if (cancel_work_sync(&ss->end))
		signet_connection_end_work(&ss->end);
}

/* The next one behind @id, with a reference. */
static struct signet_socket *next_connection(unsigned long *id)
{
	struct signet_socket *ss;

	rcu_read_lock();
	do {
		ss = xa_find_after(&signet_connections, id, ULONG_MAX, XA_PRESENT);
	} while (ss && !refcount_inc_not_zero(&ss->refs));
	rcu_read_unlock();
	return ss;
}

static const char *cipher_name(enum signet_cipher cipher)
{
	switch (cipher) {
	case SIGNET_AES_128_GCM_SHA256:
		return "TLS_AES_128_GCM_SHA256";
	case SIGNET_CHACHA20_POLY1305_SHA256:
		return "TLS_CHACHA20_POLY1305_SHA256";
	}
	return NULL;
}

static const char *group_name(enum signet_group group)
{
	switch (group) {
	case SIGNET_X25519:
		return "x25519";
	case SIGNET_SECP256R1:
		return "secp256r1";
	}
	return NULL;
}

static void connection_describe(struct signet_socket *ss,
				struct signet_connection_info *info)
{
	bool open;

	memset(info, 0, sizeof(*info));
	info->id = ss->id;
	info->role = ss->role;
	info->state = signet_socket_state(ss);
	memcpy(&info->local, &ss->local, sizeof(ss->local));
	memcpy(&info->peer, &ss->remote, sizeof(ss->remote));
	/* Pairs with handshake.c, which sets the credential first. */
	open = smp_load_acquire(&ss->identified);
	if (open && ss->credential) {
		info->local_id = ss->credential->spiffe_id;
		info->local_serial = ss->credential->serial;
	}
	/* Pairs with handshake.c, which sets the peer's ID and serial first. */
	if (smp_load_acquire(&ss->peer_known)) {
		info->peer_id = ss->peer_id;
		info->peer_serial = ss->peer_serial;
	}
	info->cipher = cipher_name(ss->cipher);
	info->group = group_name(ss->group);
	info->alpn = ss->alpn ? SIGNET_TLS_ALPN : NULL;
	info->age_ms = ktime_ms_delta(ktime_get_boottime(), ss->started);
	info->tx_bytes = atomic64_read(&ss->tx_bytes);
	info->rx_bytes = atomic64_read(&ss->rx_bytes);
	info->reason = READ_ONCE(ss->reason);
	info->alert = READ_ONCE(ss->alert);
	info->error = READ_ONCE(ss->error);
	info->pid = ss->pid;
	info->netns = ss->netns;
}

int signet_connection_walk(struct signet_node *node, u64 *after,
			   int (*show)(const struct signet_connection_info *info, void *context),
			   void *context)
{
	struct signet_connection_info info;
	struct signet_socket *ss;
	unsigned long id = *after;
	int ret = 0;

	while (!ret && (ss = next_connection(&id))) {
		if (ss->node == node) {
			connection_describe(ss, &info);
			ret = show(&info, context);
		}
		if (!ret)
			*after = id;
		signet_socket_put(ss);
		cond_resched();
	}
	return ret;
}

void signet_connection_event(struct signet_socket *ss, enum signet_event_kind kind)
{
	struct signet_connection_info info;

	connection_describe(ss, &info);
	signet_event_connection(ss->node, sock_net(ss->sk), kind, &info);
}

void signet_connection_end(struct signet_socket *ss, enum signet_reason reason, u8 alert)
{
	enum signet_connection_state state;

	spin_lock(&ss->lock);
	state = ss->state;
	if ((state == SIGNET_CONNECTION_STATE_OPEN || state == SIGNET_CONNECTION_STATE_CLOSING ||
	     ss->plain) && !ss->ended && !ss->gone) {
		ss->reason = reason;
		ss->error = signet_reason_errno(reason);
		if (alert != SIGNET_ALERT_NONE)
			ss->alert = alert;
		ss->end_alert = alert;
		/* After the error and the alert that go with it. */
		smp_store_release(&ss->ended, true);
		queue_work(signet_socket_wq, &ss->end);
	}
	spin_unlock(&ss->lock);
}

void signet_connection_end_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, end);

	/* Pairs with send_begin(): nobody enters kTLS's sendmsg from here on. */
	smp_mb();
	/* Who is inside may hold its lock until there is room; then the peer just gets a reset. */
	if (ss->end_alert != SIGNET_ALERT_NONE && !ss->plain && !ss->close_notify_sent &&
	    !atomic_read(&ss->senders))
		signet_control_send_alert(ss, ss->end_alert);
	signet_socket_abort(ss, ss->error);
	signet_connection_event(ss, SIGNET_EVENT_KIND_ENDED);
	wake_up_all(&ss->wait);
}

/* In softirq. */
void signet_connection_too_old(struct timer_list *timer)
{
	struct signet_socket *ss = from_timer(ss, timer, age);

	queue_work(signet_socket_wq, &ss->retire);
}

void signet_connection_retire_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, retire);

	signet_connection_end(ss, SIGNET_REASON_MAX_AGE, SIGNET_ALERT_USER_CANCELED);
}

bool signet_connection_judge_plain(struct signet_socket *ss)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);
	bool allowed = policy && policy->unidentified == SIGNET_UNIDENTIFIED_AUDIT;

	signet_policy_put(policy);
	if (!allowed)
		signet_connection_end(ss, SIGNET_REASON_POLICY_CHANGED, SIGNET_ALERT_NONE);
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
		return signet_connection_judge_plain(ss);
	state = signet_socket_state(ss);
	if (state != SIGNET_CONNECTION_STATE_OPEN && state != SIGNET_CONNECTION_STATE_CLOSING)
		return false;
	judgement.local_id = ss->credential->spiffe_id;
	judgement.local_serial = ss->credential->serial;
	judgement.peer_id = ss->peer_id;
	judgement.peer_serial = ss->peer_serial;
	policy = signet_policy_get(&ss->node->policy);
	if (policy)
		alert = signet_policy_judge(policy, &judgement, &reason);
	signet_policy_put(policy);
	if (alert == SIGNET_ALERT_NONE)
		return false;
	if (reason != SIGNET_REASON_SELF_REVOKED && reason != SIGNET_REASON_PEER_REVOKED)
		reason = SIGNET_REASON_POLICY_CHANGED;
	signet_connection_end(ss, reason, alert);
	return true;
}

void signet_connection_rejudge(struct signet_socket *ss, const struct signet_policy *trusted)
{
	struct signet_policy *policy = signet_policy_get(&ss->node->policy);

	if (!policy || !signet_policy_keeps_anchors(policy, trusted))
		signet_connection_end(ss, SIGNET_REASON_POLICY_CHANGED,
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
	while ((ss = next_connection(&id))) {
		if (ss->node == node && doomed(ss, reason))
			list_add_tail(&ss->ending, &ending);
		else
			signet_socket_put(ss);
		cond_resched();
	}
	list_for_each_entry_safe(ss, next, &ending, ending) {
		flush_work(&ss->end);
		list_del(&ss->ending);
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
	signet_connection_end(ss, reason, signet_reason_alert(reason));
	return READ_ONCE(ss->ended);
}

void signet_connections_rejudge(struct signet_node *node, const struct signet_policy *older)
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
