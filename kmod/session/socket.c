// SPDX-License-Identifier: GPL-2.0
/* The protected sockets: a table by struct sock, their states, and who waits for them. */
#include "session/socket.h"

#include <linux/rhashtable.h>
#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/tcp.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "policy/policy.h"
#include "session/closing.h"
#include "session/connection.h"
#include "session/ending.h"
#include "session/handshake.h"
#include "session/listener.h"
#include "session/serving.h"
#include "session/stock.h"
#include "session/turn.h"
#include "watch/reason.h"
#include "watch/stats.h"

const struct proto_ops *signet_stock[2] __read_mostly;

static struct rhashtable signet_sockets;

static const struct rhashtable_params signet_sockets_params = {
	.key_len = sizeof(struct sock *),
	.key_offset = offsetof(struct signet_socket, sk),
	.head_offset = offsetof(struct signet_socket, hash),
	.automatic_shrinking = true,
};

static void socket_expire(struct timer_list *timer)
{
	struct signet_socket *ss = from_timer(ss, timer, setup.deadline);

	cmpxchg(&ss->setup.expired, SIGNET_REASON_NONE, SIGNET_REASON_HANDSHAKE_TIMEOUT);
	signet_turn_ask(ss);
}

/* On the module's wait queue, like a program that polls. In softirq, too. */
static int wake_step(struct wait_queue_entry *entry, unsigned int mode, int flags,
		     void *key)
{
	struct signet_socket *ss = container_of(entry, struct signet_socket, setup.wake);

	signet_turn_ask(ss);
	return 0;
}

/*
 * BPF's sockmap and KCM take only a socket whose user data is free. They would read and write past
 * the operations that it carries: what a map redirects there would leave in plaintext.
 */
static int socket_occupy(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;
	int err = 0;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data)
		err = -EBUSY;
	else
		__rcu_assign_sk_user_data_with_flags(sk, ss, SK_USER_DATA_NOCOPY);
	write_unlock_bh(&sk->sk_callback_lock);
	if (err)
		signet_count(sock_net(sk), SIGNET_COUNT_OCCUPIED_REFUSED);
	return err;
}

/* May be repeated. */
static void socket_vacate(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (__locked_read_sk_user_data_with_flags(sk, SK_USER_DATA_NOCOPY) == ss)
		rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

/* With the socket's lock, under which unhook() looks for us. */
static int socket_enter(struct signet_socket *ss)
{
	struct signet_socket *other = signet_socket_find(ss->sk);
	int err;

	signet_socket_put(other);
	if (other || !signet_is_hooked(ss->sock))
		return -EALREADY;
	err = socket_occupy(ss);
	if (err)
		return err;
	err = rhashtable_lookup_insert_fast(&signet_sockets, &ss->hash, signet_sockets_params);
	if (!err)
		return 0;
	socket_vacate(ss);
	return -ENOMEM;
}

struct signet_socket *signet_socket_protect(struct socket *sock, enum signet_role role,
					    struct signet_node *node)
{
	struct sock *sk = sock->sk;
	struct signet_socket *ss;
	int err;

	ss = kzalloc(sizeof(*ss), GFP_KERNEL_ACCOUNT);
	if (!ss)
		return ERR_PTR(-ENOMEM);
	ss->sk = sk;
	ss->sock = sock;
	refcount_set(&ss->refs, 2); /* the table's and the caller's */
	ss->node = signet_node_hold(node);
	ss->stock = signet_stock_ops(sk);
	ss->role = role;
	ss->netns = sock_net(sk)->ns.inum;
	ss->pid = task_tgid_nr(current);
	ss->started = ktime_get_boottime();
	spin_lock_init(&ss->lock);
	ss->state = SIGNET_CONNECTION_STATE_RESOLVING;
	ss->alert = SIGNET_ALERT_NONE;
	init_waitqueue_head(&ss->wait);
	init_waitqueue_head(&ss->setup.wq.wait);
	init_waitqueue_func_entry(&ss->setup.wake, wake_step);
	INIT_LIST_HEAD(&ss->setup.wake.entry);
	INIT_WORK(&ss->setup.close, signet_serving_close);
	INIT_LIST_HEAD(&ss->setup.held);
	signet_turn_init_socket(ss);
	INIT_WORK(&ss->setup.work, signet_handshake_work);
	timer_setup(&ss->setup.deadline, socket_expire, 0);
	signet_ending_prepare(&ss->ending);
	INIT_DELAYED_WORK(&ss->closing.work, signet_closing_work);
	signet_resolution_init(&ss->setup.resolution, node, signet_handshake_resolved);
	INIT_LIST_HEAD(&ss->setup.admission.silent);
	INIT_LIST_HEAD(&ss->setup.admission.silent_of_source);
	mutex_init(&ss->control.lock);
	atomic64_set(&ss->tx_bytes, 0);
	atomic64_set(&ss->rx_bytes, 0);
	atomic_inc(&node->connections);

	err = signet_connection_add(ss);
	lock_sock(sk);
	if (!err)
		err = socket_enter(ss);
	if (err) {
		release_sock(sk);
		signet_connection_remove(ss);
		signet_socket_put(ss);
		signet_socket_put(ss);
		return ERR_PTR(err);
	}
	/* Handshake and kTLS must hear of each byte, and none is sent before there is a peer. */
	ss->setup.rcvlowat = READ_ONCE(sk->sk_rcvlowat);
	WRITE_ONCE(sk->sk_rcvlowat, 1);
	tcp_sk(sk)->fastopen_connect = 0;
	release_sock(sk);
	clear_bit(SOCK_SUPPORT_ZC, &sock->flags);
	return ss;
}

bool signet_trylock_sock(struct sock *sk)
{
	bool locked;

	spin_lock_bh(&sk->sk_lock.slock);
	locked = !sock_owned_by_user_nocheck(sk);
	if (locked) {
		mutex_acquire(&sk->sk_lock.dep_map, 0, 1, _RET_IP_);
		sk->sk_lock.owned = 1;
	}
	spin_unlock_bh(&sk->sk_lock.slock);
	return locked;
}

void signet_socket_restore(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;

	if (ss->setup.rcvlowat == 1)
		return;
	lock_sock(sk);
	ss->stock->set_rcvlowat(sk, ss->setup.rcvlowat);
	release_sock(sk);
}

struct signet_socket *signet_socket_find(const struct sock *sk)
{
	struct signet_socket *ss;

	rcu_read_lock();
	ss = rhashtable_lookup(&signet_sockets, &sk, signet_sockets_params);
	if (ss && !refcount_inc_not_zero(&ss->refs))
		ss = NULL;
	rcu_read_unlock();
	return ss;
}

/* What socket_enter() did. True when the table's reference is the caller's now. */
static bool socket_leave(struct signet_socket *ss)
{
	/* Who finds us no more may occupy it. */
	socket_vacate(ss);
	return !rhashtable_remove_fast(&signet_sockets, &ss->hash, signet_sockets_params);
}

void signet_socket_unprotect(struct signet_socket *ss)
{
	signet_connection_remove(ss);
	if (socket_leave(ss))
		signet_socket_put(ss);
}

void signet_socket_put(struct signet_socket *ss)
{
	if (!ss || !refcount_dec_and_test(&ss->refs))
		return;
	signet_listener_give_back(ss);
	signet_handshake_free(ss);
	signet_credential_put(ss->setup.resolution.credential);
	signet_credential_put(ss->credential);
	signet_policy_put(ss->setup.policy);
	atomic_dec(&ss->node->connections);
	signet_node_put(ss->node);
	kfree(ss->peer.id);
	kfree_rcu(ss, rcu);
}

bool signet_socket_advance(struct signet_socket *ss, enum signet_connection_state state)
{
	bool may;

	spin_lock(&ss->lock);
	may = !ss->released && !ss->error && ss->state < state;
	if (may)
		/* Pairs with signet_socket_state(). */
		smp_store_release(&ss->state, state);
	spin_unlock(&ss->lock);
	return may;
}

void signet_socket_open(struct signet_socket *ss)
{
	bool may, ended;

	spin_lock(&ss->lock);
	ended = ss->ending.ended;
	may = ss->state == SIGNET_CONNECTION_STATE_ACCEPTING && !ss->released &&
	      (ended || !ss->error);
	if (may)
		/* Pairs with signet_socket_state(). */
		smp_store_release(&ss->state, SIGNET_CONNECTION_STATE_OPEN);
	spin_unlock(&ss->lock);
	if (!may)
		return;
	if (!ended)
		signet_connection_event(ss, SIGNET_EVENT_KIND_OPENED);
	signet_closing_resume(ss);
	wake_up_all(&ss->wait);
	signet_socket_notify(ss);
}

/* The kernel's wakeups go to that queue from now on. */
static void point_wakeups(struct sock *sk, struct socket_wq *wq)
{
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_pointer(sk->sk_wq, wq);
	write_unlock_bh(&sk->sk_callback_lock);
}

void signet_socket_watch(struct signet_socket *ss)
{
	spin_lock(&ss->lock);
	if (!ss->released && list_empty(&ss->setup.wake.entry)) {
		add_wait_queue(&ss->setup.wq.wait, &ss->setup.wake);
		point_wakeups(ss->sk, &ss->setup.wq);
	}
	spin_unlock(&ss->lock);
}

void signet_socket_unwatch(struct signet_socket *ss)
{
	spin_lock(&ss->lock);
	if (!list_empty(&ss->setup.wake.entry)) {
		point_wakeups(ss->sk, &ss->sock->wq);
		/* Who still has the old pointer finds an empty queue, until @ss is freed by RCU. */
		remove_wait_queue(&ss->setup.wq.wait, &ss->setup.wake);
		INIT_LIST_HEAD(&ss->setup.wake.entry);
	}
	spin_unlock(&ss->lock);
}

void signet_socket_move(struct signet_socket *ss, struct socket *to)
{
	struct socket *from = ss->sock;
	struct sock *sk = ss->sk;

	lock_sock(sk);
	spin_lock(&ss->lock);
	sock_graft(sk, to);
	if (!list_empty(&ss->setup.wake.entry))
		point_wakeups(sk, &ss->setup.wq);
	to->state = SS_CONNECTED;
	ss->sock = to;
	spin_unlock(&ss->lock);
	release_sock(sk);
	/* The only one left who may be using the old one. */
	cancel_delayed_work_sync(&ss->ending.work);
	signet_ending_look(ss);
	from->sk = NULL;
}

void signet_socket_halt(struct signet_socket *ss)
{
	spin_lock(&ss->lock);
	ss->released = true;
	spin_unlock(&ss->lock);

	/* A step that runs begins nothing new from here on, and arms nothing. */
	signet_resolve_cancel(&ss->setup.resolution);
	signet_turn_stop(ss);
	signet_socket_unwatch(ss);
	del_timer_sync(&ss->setup.deadline);
	signet_admission_leave(&ss->setup.admission);
	signet_turn_leave(ss);
}

/* With the alert on its way the peer gets FIN; SO_ERROR and poll tell the program. */
static void socket_fail_softly(struct signet_socket *ss, int error)
{
	struct sock *sk = ss->sk;

	inet_shutdown(ss->sock, SHUT_WR);
	lock_sock(sk);
	WRITE_ONCE(sk->sk_err, -error);
	sk_error_report(sk);
	release_sock(sk);
}

void signet_socket_abort(struct signet_socket *ss, int error)
{
	struct sock *sk = ss->sk;

	if (!tcp_abort(sk, -error))
		return;
	lock_sock(sk);
	WRITE_ONCE(sk->sk_err, -error);
	sk_error_report(sk);
	release_sock(sk);
}

void signet_socket_fail(struct signet_socket *ss, enum signet_reason reason, u8 alert, bool reset)
{
	int error = signet_reason_errno(reason);

	spin_lock(&ss->lock);
	if (ss->error || ss->state > SIGNET_CONNECTION_STATE_ACCEPTING) {
		spin_unlock(&ss->lock);
		return;
	}
	ss->error = error;
	ss->reason = reason;
	ss->alert = alert;
	spin_unlock(&ss->lock);

	signet_socket_unwatch(ss);
	signet_admission_leave(&ss->setup.admission);
	signet_turn_leave(ss);
	if (reset)
		signet_socket_abort(ss, error);
	else
		socket_fail_softly(ss, error);
	signet_listener_give_back(ss);

	spin_lock(&ss->lock);
	/* Pairs with signet_socket_state(). */
	smp_store_release(&ss->state, SIGNET_CONNECTION_STATE_FAILED);
	spin_unlock(&ss->lock);
	wake_up_all(&ss->wait);
	signet_socket_notify(ss);
	signet_connection_event(ss, SIGNET_EVENT_KIND_REFUSED);
}

/* False when it has failed already. */
static bool fail_unconnected(struct signet_socket *ss, enum signet_reason reason, int error)
{
	bool first;

	spin_lock(&ss->lock);
	first = ss->state != SIGNET_CONNECTION_STATE_FAILED && !ss->error;
	if (first) {
		ss->reason = reason;
		ss->error = error;
		/* Pairs with signet_socket_state(). */
		smp_store_release(&ss->state, SIGNET_CONNECTION_STATE_FAILED);
	}
	spin_unlock(&ss->lock);
	return first;
}

/*
 * With the socket's lock. Who waits is inside the module by the socket's reference alone, so it is
 * woken before the socket can be unhooked, which is done under the same lock; and finds no
 * protection any more when it connects again. True when the table's reference is the caller's now.
 */
static bool leave_and_wake(struct signet_socket *ss)
{
	bool left = socket_leave(ss);

	wake_up_all(&ss->wait);
	return left;
}

void signet_socket_dismiss(struct signet_socket *ss, enum signet_reason reason, int error)
{
	bool left;

	if (!fail_unconnected(ss, reason, error))
		return;
	signet_socket_unwatch(ss);
	signet_socket_restore(ss);
	signet_connection_event(ss, SIGNET_EVENT_KIND_REFUSED);
	signet_connection_remove(ss);
	lock_sock(ss->sk);
	left = leave_and_wake(ss);
	release_sock(ss->sk);
	if (left)
		signet_socket_put(ss);
}

void signet_socket_dismiss_locked(struct signet_socket *ss, enum signet_reason reason, int error)
{
	if (!fail_unconnected(ss, reason, error))
		return;
	signet_socket_unwatch(ss);
	ss->stock->set_rcvlowat(ss->sk, ss->setup.rcvlowat);
	signet_connection_event(ss, SIGNET_EVENT_KIND_REFUSED);
	signet_connection_unlist(ss);
	if (leave_and_wake(ss))
		signet_socket_put(ss);
}

static bool socket_settled(struct signet_socket *ss)
{
	return signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_OPEN || READ_ONCE(ss->plain);
}

int signet_socket_wait(struct signet_socket *ss, long timeout)
{
	long left = timeout;

	if (!socket_settled(ss)) {
		if (!timeout)
			return -EAGAIN;
		left = wait_event_interruptible_timeout(ss->wait, socket_settled(ss),
							timeout);
		if (left == -ERESTARTSYS)
			return sock_intr_errno(timeout);
		if (!left)
			return -EAGAIN;
	}
	if (READ_ONCE(ss->plain))
		return 0;
	return READ_ONCE(ss->error);
}

void signet_socket_notify(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;

	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}

int signet_socket_init(void)
{
	return rhashtable_init(&signet_sockets, &signet_sockets_params);
}

void signet_socket_exit(void)
{
	rhashtable_destroy(&signet_sockets);
}
