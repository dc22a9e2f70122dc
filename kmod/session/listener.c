// SPDX-License-Identifier: GPL-2.0
/*
 * TCP's queue of connections and the module's look like one: what is taken out is older than all
 * that is left, and both together are no longer than the program said to listen().
 */
#include "session/listener.h"

#include <linux/rhashtable.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <linux/workqueue.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "identity/process.h"
#include "identity/resolve.h"
#include "policy/scope.h"
#include "session/serving.h"
#include "session/socket.h"
#include "session/stock.h"

/* A connection that is the first in TCP's queue at two looks so far apart is taken out. */
#define LOOK (HZ / 40 + 1)
/* When there is something to look at, but nothing to be done. */
#define LATER HZ
/* How many are taken out at a time, for which accept() waits. */
#define BATCH 16
/*
 * Connections that were taken out, in all, and of sockets of one uid and those that share its
 * number here. No cgroup pays for what they buffer, which only TCP's accept() can begin: so they
 * count as long as they live.
 */
#define HELD_MAX 8192
#define HELD_PER_UID_MAX 4096
#define HELD_UIDS 256

/**
 * struct signet_listener - a listening socket
 * @hash: in the table of all, by @sk
 * @sk: the socket; valid until it is closed
 * @sock: its program's
 * @refs: references: the table's, those who found it
 * @rcu: for the table
 * @wake: on the socket's wait queue: hears of each connection
 * @work: looks whether one waits too long
 * @uid: of held_by_uid
 *
 * @lock: guards the rest
 * @node: whose policy it was under at the last look; a reference
 * @closed: takes nothing out any more
 * @acceptor: who accepted last, as it was met; a reference; NULL when that has ended
 * @watcher: who listened or polled since then, likewise; as whom connections begin without it
 * @asked: who @resolution is about, while it is under way; a reference
 * @answered: it is over
 * @resolution: what @asked acts as
 * @seen: the first in TCP's queue at the last look; compared, never followed
 * @limit: how many connections may wait
 * @count: of those that were taken out; raised before one is; read without @lock
 * @held: those, oldest first
 */
struct signet_listener {
	struct rhash_head hash;
	const struct sock *sk;
	struct socket *sock;
	refcount_t refs;
	struct rcu_head rcu;
	struct wait_queue_entry wake;
	struct delayed_work work;
	u8 uid;

	struct mutex lock; /* see above */
	struct signet_node *node;
	bool closed;
	bool answered;
	struct signet_process *acceptor;
	struct signet_process *watcher;
	struct signet_process *asked;
	struct signet_resolution resolution;
	const struct request_sock *seen;
	u32 limit;
	unsigned int count;
	struct list_head held;
};

static struct rhashtable listeners;
static struct workqueue_struct *listener_wq;
static atomic_t held_count = ATOMIC_INIT(0);
static atomic_t held_by_uid[HELD_UIDS];

static const struct rhashtable_params listeners_params = {
	.key_len = sizeof(struct sock *),
	.key_offset = offsetof(struct signet_listener, sk),
	.head_offset = offsetof(struct signet_listener, hash),
	.automatic_shrinking = true,
};

static struct request_sock_queue *queue_of(const struct signet_listener *listener)
{
	return &inet_csk(listener->sock->sk)->icsk_accept_queue;
}

static bool listens(const struct signet_listener *listener)
{
	return inet_sk_state_load(listener->sk) == TCP_LISTEN;
}

struct signet_listener *signet_listener_find(const struct sock *sk)
{
	struct signet_listener *listener;

	rcu_read_lock();
	listener = rhashtable_lookup(&listeners, &sk, listeners_params);
	if (listener && !refcount_inc_not_zero(&listener->refs))
		listener = NULL;
	rcu_read_unlock();
	return listener;
}

void signet_listener_put(struct signet_listener *listener)
{
	if (!listener || !refcount_dec_and_test(&listener->refs))
		return;
	signet_process_put(listener->acceptor);
	signet_process_put(listener->watcher);
	signet_process_put(listener->asked);
	signet_node_put(listener->node);
	kfree_rcu(listener, rcu);
}

/* A connection has come, or the socket doesn't listen any more. In softirq, too. */
static int listener_wake(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct signet_listener *listener = container_of(entry, struct signet_listener, wake);

	queue_delayed_work(listener_wq, &listener->work, LOOK);
	return 0;
}

static void listener_answered(struct signet_resolution *resolution)
{
	struct signet_listener *listener = container_of(resolution, struct signet_listener,
							resolution);

	/* After the result. */
	smp_store_release(&listener->answered, true);
	mod_delayed_work(listener_wq, &listener->work, 0);
}

static bool lives(const struct signet_process *process)
{
	bool alive;

	rcu_read_lock();
	alive = pid_task(process->facts.pid, PIDTYPE_TGID);
	rcu_read_unlock();
	return alive;
}

/* As whom a connection begins, or NULL. */
static struct signet_process *as_whom(struct signet_listener *listener)
{
	lockdep_assert_held(&listener->lock);
	if (listener->acceptor && !lives(listener->acceptor)) {
		signet_process_put(listener->acceptor);
		listener->acceptor = NULL;
	}
	return listener->acceptor ?: listener->watcher;
}

/*
 * Has it been answered what a process acts as? Then @credential is that, or NULL. Each look takes
 * the answer, whether anything waits or not: kept, it would be one of before by the time it is
 * needed.
 */
static bool take_answer(struct signet_listener *listener, const struct signet_process *process,
			struct signet_credential **credential)
{
	struct signet_resolution *resolution = &listener->resolution;
	bool told;

	lockdep_assert_held(&listener->lock);
	*credential = NULL;
	/* Pairs with listener_answered(). */
	if (!listener->asked || !smp_load_acquire(&listener->answered))
		return false;
	/* Or another has accepted since. */
	told = listener->asked == process;
	if (told)
		*credential = resolution->credential;
	else
		signet_credential_put(resolution->credential);
	resolution->credential = NULL;
	signet_process_put(listener->asked);
	listener->asked = NULL;
	return told;
}

/* What a process acts as; NULL while that isn't known, or it acts as nothing. */
static struct signet_credential *ask(struct signet_listener *listener,
				     struct signet_process *process)
{
	struct signet_resolution *resolution = &listener->resolution;
	struct signet_credential *credential;

	lockdep_assert_held(&listener->lock);
	if (listener->asked)
		return NULL;
	listener->answered = false;
	signet_resolution_init(resolution, listener->node, listener_answered);
	if (signet_resolve_as(resolution, sock_net(listener->sk), process) == -EINPROGRESS) {
		listener->asked = signet_process_get(process);
		return NULL;
	}
	credential = resolution->credential;
	resolution->credential = NULL;
	return credential;
}

/* TCP's part of the limit is what is left of it. */
static void share_limit(struct signet_listener *listener)
{
	u32 left = listener->limit - min(listener->limit, listener->count);

	lockdep_assert_held(&listener->lock);
	if (listens(listener))
		WRITE_ONCE(listener->sock->sk->sk_max_ack_backlog, left);
}

static bool take_place(u8 uid)
{
	if (atomic_inc_return(&held_count) > HELD_MAX)
		goto no_place;
	if (atomic_inc_return(&held_by_uid[uid]) > HELD_PER_UID_MAX)
		goto no_place_of_uid;
	return true;
no_place_of_uid:
	atomic_dec(&held_by_uid[uid]);
no_place:
	atomic_dec(&held_count);
	return false;
}

static void give_place(u8 uid)
{
	atomic_dec(&held_by_uid[uid]);
	atomic_dec(&held_count);
}

static u8 uid_of(const struct sock *sk)
{
	return __kuid_val(sock_net_uid(sock_net(sk), sk)) % HELD_UIDS;
}

void signet_listener_give_back(struct signet_socket *ss)
{
	if (xchg(&ss->setup.place, false))
		give_place(ss->setup.place_uid);
}

static void count(struct signet_listener *listener, int change)
{
	lockdep_assert_held(&listener->lock);
	WRITE_ONCE(listener->count, listener->count + change);
	share_limit(listener);
}

/*
 * Its queue is TCP's as long as anybody has the listener's lock: inet_csk_accept() looks at it and
 * takes from it under that. It isn't waited for, as a program can hold it. Only the addresses of
 * what is in the queue are looked at; one outside the scope is left there, and all behind it.
 */
static struct request_sock *tcp_pop(struct signet_listener *listener, const struct pid *process)
{
	struct request_sock_queue *queue = queue_of(listener);
	struct sock *sk = listener->sock->sk;
	struct request_sock *req = NULL;
	union signet_address local;

	spin_lock_bh(&sk->sk_lock.slock);
	if (sock_owned_by_user_nocheck(sk)) {
		queue_delayed_work(listener_wq, &listener->work, LOOK);
	} else if (queue->rskq_accept_head) {
		signet_address_local(queue->rskq_accept_head->sk, &local);
		if (signet_scope_accept(&listener->node->policy, &local.any, process) ==
		    SIGNET_SCOPE_INSIDE)
			req = reqsk_queue_remove(queue, sk);
	}
	spin_unlock_bh(&sk->sk_lock.slock);
	return req;
}

/* The rest of inet_csk_accept(). */
static struct sock *sock_of_request(struct signet_listener *listener, struct request_sock *req)
{
	struct request_sock_queue *queue = queue_of(listener);
	struct sock *sk = req->sk;

	if (tcp_rsk(req)->tfo_listener) {
		spin_lock_bh(&queue->fastopenq.lock);
		if (tcp_rsk(req)->tfo_listener) {
			/* TCP frees the request when the handshake of its own is over. */
			req->sk = NULL;
			req = NULL;
		}
		spin_unlock_bh(&queue->fastopenq.lock);
	}
	if (req)
		reqsk_put(req);
	inet_init_csk_locks(sk);
	return sk;
}

/* Out of TCP's queue, into a socket of the module's own. NULL when none may be taken out now. */
static struct socket *tcp_take(struct signet_listener *listener, const struct pid *process)
{
	struct socket *sock = signet_serving_own(listener->sk, listener->sock);
	struct request_sock *req;
	struct sock *sk;

	if (!sock)
		return NULL;
	req = tcp_pop(listener, process);
	if (!req) {
		sock_release(sock);
		return NULL;
	}
	sk = sock_of_request(listener, req);
	lock_sock(sk);
	sock_graft(sk, sock);
	sock->state = SS_CONNECTED;
	release_sock(sk);
	return sock;
}

/* Takes one out. False when none may be, or there is no memory for it. */
static bool take_out(struct signet_listener *listener, const struct signet_process *process,
		     struct signet_credential *credential)
{
	struct signet_socket *ss;
	struct socket *sock;

	if (listener->count >= max(listener->limit, 1U) || !take_place(listener->uid))
		return false;
	count(listener, 1);
	/* Before it leaves TCP's queue: pairs with nothing_waits(). */
	smp_wmb();
	sock = tcp_take(listener, process->facts.pid);
	ss = sock ? signet_serving_protect(sock, listener->node) : NULL;
	if (IS_ERR_OR_NULL(ss)) {
		if (ss) {
			tcp_abort(sock->sk, ENOMEM);
			sock_release(sock);
		}
		count(listener, -1);
		give_place(listener->uid);
		return ss;
	}
	ss->setup.place_uid = listener->uid;
	ss->setup.place = true;
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_FAILED)
		signet_listener_give_back(ss);
	signet_serving_begin_early(ss, credential);
	ss->pid = pid_nr(process->facts.pid);
	list_add_tail(&ss->setup.held, &listener->held);
	return true;
}

static void drop_all(struct signet_listener *listener)
{
	struct signet_socket *ss;

	while ((ss = signet_listener_pop(listener))) {
		signet_serving_drop(ss);
		cond_resched();
	}
}

void signet_listener_look(struct signet_listener *listener)
{
	lockdep_assert_held(&listener->lock);
	if (!listens(listener))
		drop_all(listener);
}

/* The node may be another, and so what a process acts as. */
static void look_for_node(struct signet_listener *listener)
{
	struct signet_node *node = signet_node_get(sock_net(listener->sk));

	if (node != listener->node && !listener->asked)
		swap(node, listener->node);
	signet_node_put(node);
}

/* Has the program left what it had left at the last look? */
static bool left_again(struct signet_listener *listener)
{
	const struct request_sock *first = READ_ONCE(queue_of(listener)->rskq_accept_head);

	if (!first)
		return false;
	if (!list_empty(&listener->held) || first == listener->seen)
		return true;
	listener->seen = first;
	queue_delayed_work(listener_wq, &listener->work, LOOK);
	return false;
}

static void look(struct signet_listener *listener)
{
	struct signet_process *process = as_whom(listener);
	struct signet_credential *credential;
	unsigned int n = 0;
	bool told;

	signet_listener_look(listener);
	look_for_node(listener);
	told = take_answer(listener, process, &credential);
	if (process && left_again(listener)) {
		/* Who acts as nothing is asked about again at the next look, not at once. */
		if (!told)
			credential = ask(listener, process);
		while (credential && n < BATCH && take_out(listener, process, credential))
			n++;
		if (n == BATCH)
			queue_delayed_work(listener_wq, &listener->work, 0);
	}
	signet_credential_put(credential);
}

/* Somebody comes back to what is left. */
static void look_later(struct signet_listener *listener, unsigned long delay)
{
	if (!reqsk_queue_empty(queue_of(listener)))
		queue_delayed_work(listener_wq, &listener->work, delay);
}

static void listener_work(struct work_struct *work)
{
	struct signet_listener *listener = container_of(to_delayed_work(work),
							struct signet_listener, work);

	/* A program that accepts may be held up by one that has the socket's lock. */
	if (!mutex_trylock(&listener->lock)) {
		queue_delayed_work(listener_wq, &listener->work, LOOK);
		return;
	}
	if (!listener->closed) {
		look(listener);
		look_later(listener, LATER);
	}
	mutex_unlock(&listener->lock);
}

void signet_listener_lock(struct signet_listener *listener)
{
	mutex_lock(&listener->lock);
}

void signet_listener_unlock(struct signet_listener *listener)
{
	if (!listener->closed)
		look_later(listener, LOOK);
	mutex_unlock(&listener->lock);
}

struct signet_socket *signet_listener_pop(struct signet_listener *listener)
{
	struct signet_socket *ss;

	lockdep_assert_held(&listener->lock);
	ss = list_first_entry_or_null(&listener->held, struct signet_socket, setup.held);
	if (!ss)
		return NULL;
	list_del_init(&ss->setup.held);
	count(listener, -1);
	return ss;
}

bool signet_listener_ready(const struct signet_listener *listener)
{
	return READ_ONCE(listener->count) && listens(listener);
}

bool signet_listener_closed(const struct signet_listener *listener)
{
	return READ_ONCE(listener->closed);
}

/* TCP's queue first: what leaves it is counted here before. */
static bool nothing_waits(const struct signet_listener *listener)
{
	bool empty = reqsk_queue_empty(queue_of(listener));

	/* Pairs with take_out(). */
	smp_rmb();
	return empty && !READ_ONCE(listener->count) && listens(listener) &&
	       !signet_listener_closed(listener);
}

int signet_listener_wait(struct signet_listener *listener, long *timeout)
{
	DEFINE_WAIT(wait);

	for (;;) {
		/* As in TCP: a connection wakes one of those who wait. */
		prepare_to_wait_exclusive(&listener->sock->wq.wait, &wait, TASK_INTERRUPTIBLE);
		if (nothing_waits(listener))
			*timeout = schedule_timeout(*timeout);
		finish_wait(&listener->sock->wq.wait, &wait);
		if (!nothing_waits(listener))
			return 0;
		if (signal_pending(current))
			return sock_intr_errno(*timeout);
		if (!*timeout)
			return -EAGAIN;
	}
}

/* With the lock held: the calling process is met, unless it is the one that is known. */
static void meet(struct signet_process **known)
{
	struct signet_process_facts facts;
	struct signet_process *process;

	if (signet_process_facts_get(&facts))
		return;
	if (!*known || memcmp(&(*known)->facts, &facts, sizeof(facts))) {
		process = signet_process_new(&facts);
		if (!IS_ERR(process)) {
			signet_process_put(*known);
			*known = process;
		}
	}
	signet_process_facts_put(&facts);
}

void signet_listener_watched(struct signet_listener *listener)
{
	struct signet_node *node = signet_node_get(sock_net(listener->sk));
	bool loaded = signet_scope_loaded(&node->policy);

	signet_node_put(node);
	if (!loaded || !mutex_trylock(&listener->lock))
		return;
	if (!listener->acceptor || !lives(listener->acceptor))
		meet(&listener->watcher);
	signet_listener_unlock(listener);
}

void signet_listener_accepts(struct signet_listener *listener)
{
	lockdep_assert_held(&listener->lock);
	meet(&listener->acceptor);
	/* It may be another identity, like the master of processes that accept. */
	signet_process_put(listener->watcher);
	listener->watcher = NULL;
}

void signet_listener_listen(struct signet_listener *listener)
{
	lockdep_assert_held(&listener->lock);
	listener->limit = READ_ONCE(listener->sk->sk_max_ack_backlog);
	share_limit(listener);
}

static struct signet_listener *listener_new(struct socket *sock)
{
	struct signet_listener *listener = kzalloc(sizeof(*listener), GFP_KERNEL_ACCOUNT);

	if (!listener)
		return NULL;
	listener->sk = sock->sk;
	listener->sock = sock;
	refcount_set(&listener->refs, 2); /* the table's and the caller's */
	listener->node = signet_node_get(sock_net(sock->sk));
	init_waitqueue_func_entry(&listener->wake, listener_wake);
	INIT_DELAYED_WORK(&listener->work, listener_work);
	mutex_init(&listener->lock);
	signet_resolution_init(&listener->resolution, listener->node, listener_answered);
	INIT_LIST_HEAD(&listener->held);
	listener->limit = READ_ONCE(sock->sk->sk_max_ack_backlog);
	listener->uid = uid_of(sock->sk);
	return listener;
}

/* With the socket's lock held. */
static int listener_insert(struct signet_listener *listener)
{
	struct socket *sock = listener->sock;
	struct signet_socket *ss;
	int err;

	/* Pairs with unhook(), which looks for us under the same lock. */
	if (!signet_is_hooked(sock) || sock->sk->sk_state != TCP_LISTEN)
		return -ENOENT;
	/* It had failed to connect: it is a protected one, if none that can be used. */
	ss = signet_socket_find(sock->sk);
	signet_socket_put(ss);
	if (ss)
		return -ENOENT;
	err = rhashtable_lookup_insert_fast(&listeners, &listener->hash, listeners_params);
	if (!err)
		add_wait_queue(&sock->wq.wait, &listener->wake);
	return err;
}

struct signet_listener *signet_listener_get(struct socket *sock)
{
	struct signet_listener *listener = signet_listener_find(sock->sk);
	struct sock *sk = sock->sk;
	int err;

	if (listener || inet_sk_state_load(sk) != TCP_LISTEN)
		return listener;
	listener = listener_new(sock);
	if (!listener)
		return ERR_PTR(-ENOMEM);
	lock_sock(sk);
	err = listener_insert(listener);
	release_sock(sk);
	if (!err)
		return listener;
	refcount_dec(&listener->refs);
	signet_listener_put(listener);
	if (err == -EEXIST) /* another thread was quicker */
		return signet_listener_find(sk);
	return err == -ENOENT ? NULL : ERR_PTR(-ENOMEM);
}

/* With the lock held, which is given back. */
static void close_locked(struct signet_listener *listener)
{
	bool closed = listener->closed;

	if (!closed) {
		WRITE_ONCE(listener->closed, true);
		drop_all(listener);
		remove_wait_queue(&listener->sock->wq.wait, &listener->wake);
	}
	mutex_unlock(&listener->lock);
	if (closed)
		return;
	/* Who answers queues the work, and the work may ask. */
	cancel_delayed_work_sync(&listener->work);
	signet_resolve_cancel(&listener->resolution);
	cancel_delayed_work_sync(&listener->work);
	signet_credential_put(listener->resolution.credential);
	listener->resolution.credential = NULL;
	if (!rhashtable_remove_fast(&listeners, &listener->hash, listeners_params))
		signet_listener_put(listener);
}

void signet_listener_close(const struct sock *sk)
{
	struct signet_listener *listener = signet_listener_find(sk);

	if (!listener)
		return;
	mutex_lock(&listener->lock);
	close_locked(listener);
	signet_listener_put(listener);
}

bool signet_listener_try_close(const struct sock *sk)
{
	struct signet_listener *listener = signet_listener_find(sk);
	bool may;

	if (!listener)
		return true;
	may = mutex_trylock(&listener->lock);
	if (may)
		close_locked(listener);
	signet_listener_put(listener);
	return may;
}

int signet_listener_init(void)
{
	int err = rhashtable_init(&listeners, &listeners_params);

	if (err)
		return err;
	listener_wq = alloc_workqueue("signet_listener", WQ_UNBOUND, 0);
	if (listener_wq)
		return 0;
	rhashtable_destroy(&listeners);
	return -ENOMEM;
}

void signet_listener_exit(void)
{
	destroy_workqueue(listener_wq);
	rhashtable_destroy(&listeners);
}
