// SPDX-License-Identifier: GPL-2.0
/*
 * One table of operations for each family, and patches of TCP's init, connect and accept that give
 * it to sockets: to new ones when they are made, to those that are there when the module is loaded.
 * What a socket has while it is in a BPF sockmap is patched likewise.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "hook/patch.h"

#include <linux/delay.h>
#include <linux/file.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/srcu.h>
#include <linux/tcp.h>
#include <net/inet_common.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#include "hook/accept.h"
#include "hook/bypass.h"
#include "hook/close.h"
#include "hook/connect.h"
#include "hook/copies.h"
#include "hook/poll.h"
#include "hook/receive.h"
#include "hook/send.h"
#include "hook/sockopt.h"
#include "session/listener.h"
#include "session/socket.h"
#include "session/stock.h"
#include "watch/stats.h"

enum { SIGNET_V4, SIGNET_V6, SIGNET_FAMILIES };

/**
 * struct signet_family - the hooks of an address family
 * @family: AF_INET or AF_INET6
 * @proto: TCP's, patched while the module is loaded
 * @mapped: its copies for sockets in a sockmap, likewise
 * @mapped_count: how many
 * @ktls: a reference on kTLS's module
 * @init: TCP's own, like those that follow
 * @connect: without the patch
 * @accept: without the patch
 * @setsockopt: without the patch
 * @ops: what hooked sockets carry
 */
struct signet_family {
	int family;
	struct proto *proto;
	struct proto *mapped[SIGNET_SOCKMAP_COPIES];
	int mapped_count;
	struct module *ktls;
	int (*init)(struct sock *sk);
	int (*connect)(struct sock *sk, struct sockaddr *address, int len);
	struct sock *(*accept)(struct sock *sk, SIGNET_PROTO_ACCEPT_ARGS);
	int (*setsockopt)(struct sock *sk, int level, int name, sockptr_t value, unsigned int len);
	struct proto_ops ops;
};

static struct signet_family signet_families[SIGNET_FAMILIES] = {
	[SIGNET_V4] = { .family = AF_INET, .proto = &tcp_prot },
	[SIGNET_V6] = { .family = AF_INET6, .proto = &tcpv6_prot },
};

/* Set by drain: no socket is hooked any more. */
static bool signet_draining;

/* Held inside the patches of init and connect, which may sleep without a reference. */
DEFINE_STATIC_SRCU(signet_hook_srcu);

static struct signet_family *family_of(const struct sock *sk)
{
	return &signet_families[sk->sk_family == AF_INET6 ? SIGNET_V6 : SIGNET_V4];
}

bool signet_is_draining(void)
{
	return READ_ONCE(signet_draining);
}

/*
 * Gives a socket the module's operations, with the reference that belongs to them. The caller has a
 * reference on the file. False while draining.
 */
static bool hook_socket(struct socket *sock)
{
	struct signet_family *family = family_of(sock->sk);
	const struct proto_ops *stock = signet_stock_ops(sock->sk);

	if (READ_ONCE(signet_draining) || !signet_enter())
		return false;
	if (cmpxchg(&sock->ops, stock, &family->ops) == stock)
		return true; /* the reference is the socket's now */
	signet_leave();
	return signet_is_hooked(sock);
}

/*
 * True when it was hooked and neither @ss, its protection, nor a listener is there; then the caller
 * gives the reference back. With the socket's lock held, or its spinlock while nobody holds that:
 * pairs with signet_socket_protect() and signet_listener_get(), which look at the operations under
 * the lock.
 */
static bool unhook(struct socket *sock, const struct signet_socket *ss)
{
	struct signet_listener *listener = signet_listener_find(sock->sk);

	signet_listener_put(listener);
	if (ss || listener || !signet_is_hooked(sock))
		return false;
	WRITE_ONCE(sock->ops, signet_stock_ops(sock->sk));
	return true;
}

/* Likewise; gives the reference back itself. */
static void unhook_and_leave(struct socket *sock)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);

	if (unhook(sock, ss))
		signet_leave();
	signet_socket_put(ss);
}

void signet_unhook_closed(struct socket *sock)
{
	struct sock *sk = sock->sk;

	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		unhook_and_leave(sock);
	release_sock(sk);
}

void signet_unhook_socket(struct socket *sock)
{
	lock_sock(sock->sk);
	unhook_and_leave(sock);
	release_sock(sock->sk);
}

struct sock *signet_stock_accept(struct sock *sk, int flags, int *error, bool kern)
{
#ifdef SIGNET_PROTO_ACCEPT_STRUCT
	struct proto_accept_arg arg = { .flags = flags, .kern = kern, .err = -EINVAL };
	struct sock *newsk = family_of(sk)->accept(sk, &arg);

	*error = arg.err;
	return newsk;
#else
	return family_of(sk)->accept(sk, flags, error, kern);
#endif
}

/* New sockets. The core takes the reference itself after us, and puts it at release. */
static int patched_init(struct sock *sk)
{
	struct signet_family *family = family_of(sk);
	struct socket *sock = sk->sk_socket;
	int srcu, err;

	srcu = srcu_read_lock(&signet_hook_srcu);
	err = family->init(sk);
	if (!err && !sk->sk_kern_sock && sock && sock->ops == signet_stock_ops(sk) &&
	    !READ_ONCE(signet_draining) && signet_enter()) {
		WRITE_ONCE(sock->ops, &family->ops);
		signet_leave();
	}
	srcu_read_unlock(&signet_hook_srcu, srcu);
	return err;
}

/*
 * Not the module's own call, and inside the scope: a BPF program has rewritten the address. What
 * isn't hooked (it was in nobody's table of files when the module was loaded, or went outside once)
 * is refused: a thread may be in the kernel's own sendmsg, and would go on when it is connected.
 * With the socket's lock held.
 */
static int connect_inside(struct sock *sk, struct sockaddr *address, int len)
{
	struct socket *sock = sk->sk_socket;
	int err;

	if (tcp_sk(sk)->fastopen_req)
		return -EOPNOTSUPP;
	if (!sock || !signet_is_hooked(sock)) {
		signet_count(sock_net(sk), SIGNET_COUNT_UNHOOKED_REFUSED);
		return -EACCES;
	}
	release_sock(sk);
	err = signet_connect(sock, address, len, sock->file ? sock->file->f_flags : 0);
	lock_sock(sk);
	return err;
}

/* Data of a connection outside the scope goes through none of this code. */
static int connect_outside(struct sock *sk, struct sockaddr *address, int len)
{
	int err = family_of(sk)->connect(sk, address, len);

	if (err)
		return err;
	signet_count(sock_net(sk), SIGNET_COUNT_OUTSIDE);
	/* Whoever called through our operations has a reference of its own. */
	if (sk->sk_socket)
		unhook_and_leave(sk->sk_socket);
	return 0;
}

/* On a protected socket. */
static int connect_protected(struct signet_socket *ss, struct sockaddr *address, int len)
{
	if (READ_ONCE(ss->setup.dialer) != current)
		return -EALREADY; /* from before it was protected */
	if (READ_ONCE(ss->ending.ended) || READ_ONCE(ss->released))
		return -ECONNABORTED;
	return family_of(ss->sk)->connect(ss->sk, address, len);
}

static int patched_connect(struct sock *sk, struct sockaddr *address, int len)
{
	struct signet_socket *ss;
	int srcu, err;

	srcu = srcu_read_lock(&signet_hook_srcu);
	ss = sk->sk_kern_sock ? NULL : signet_socket_find(sk);
	if (sk->sk_kern_sock) {
		err = family_of(sk)->connect(sk, address, len);
	} else if (ss) {
		err = connect_protected(ss, address, len);
	} else if (!signet_connect_inside(sk, address, len)) {
		err = connect_outside(sk, address, len);
	} else if (signet_enter()) {
		/* As long as a handshake: not in the section that drain waits for. */
		srcu_read_unlock(&signet_hook_srcu, srcu);
		err = connect_inside(sk, address, len);
		srcu = srcu_read_lock(&signet_hook_srcu);
		signet_leave();
	} else {
		err = -EACCES;
	}
	signet_socket_put(ss);
	srcu_read_unlock(&signet_hook_srcu, srcu);
	return err;
}

/*
 * Accepts that didn't come through our operations: a listener that was in nobody's table of files
 * when the module was loaded, or a socket that went outside once. Inside, its peers are reset.
 */
static struct sock *patched_accept(struct sock *sk, SIGNET_PROTO_ACCEPT_ARGS)
{
	struct sock *newsk;

	if (!signet_enter()) {
		SIGNET_PROTO_ACCEPT_ERROR = -EINTR;
		return NULL;
	}
	newsk = family_of(sk)->accept(sk, SIGNET_PROTO_ACCEPT_PASS);
	if (newsk && !SIGNET_ACCEPT_KERN && signet_accept_inside(newsk)) {
		signet_count(sock_net(sk), SIGNET_COUNT_UNHOOKED_REFUSED);
		tcp_abort(newsk, ECONNABORTED);
		tcp_close(newsk, 0);
		newsk = NULL;
		SIGNET_PROTO_ACCEPT_ERROR = -ECONNABORTED;
	}
	signet_leave();
	return newsk;
}

/*
 * Of a socket in a sockmap, which kTLS gives no keys. But it would build its tables anew, for all
 * its users, from what this socket has: with our patches in it, and our operations.
 */
static int mapped_setsockopt(struct sock *sk, int level, int name, sockptr_t value,
			     unsigned int len)
{
	int err = -EINVAL;

	if (!signet_enter())
		return -EINTR;
	if (level != SOL_TCP || name != TCP_ULP)
		err = family_of(sk)->setsockopt(sk, level, name, value, len);
	signet_leave();
	return err;
}

/*
 * Each operation is named, none is inherited: what a later kernel adds may be one more way to the
 * keys or past the handshake. So there is no sendmsg_locked and no sendpage_locked either.
 */
static void family_ops(struct signet_family *family)
{
	const struct proto_ops *stock = signet_stock[family->family == AF_INET6];
	struct proto_ops *ops = &family->ops;

	ops->family = stock->family;
	ops->owner = THIS_MODULE;
	ops->bind = stock->bind;
	ops->socketpair = stock->socketpair;
	ops->gettstamp = stock->gettstamp;
	/* kTLS's parser reads ciphertext by it, in softirq. */
	ops->read_sock = stock->read_sock;
	ops->read_skb = stock->read_skb;
	ops->peek_len = stock->peek_len;
	ops->release = signet_release;
	ops->connect = signet_connect;
	ops->getname = signet_getname;
	ops->listen = signet_listen;
	ops->accept = signet_accept;
	ops->poll = signet_poll;
	ops->ioctl = signet_ioctl;
#ifdef CONFIG_COMPAT
	ops->compat_ioctl = signet_compat_ioctl;
#endif
	ops->shutdown = signet_shutdown;
	ops->setsockopt = signet_setsockopt;
	ops->getsockopt = signet_getsockopt;
	ops->sendmsg = signet_sendmsg;
	ops->recvmsg = signet_recvmsg;
	ops->mmap = signet_mmap;
	ops->splice_read = signet_splice_read;
	ops->splice_eof = signet_splice_eof;
	ops->set_rcvlowat = signet_set_rcvlowat;
#ifdef SIGNET_HAS_SENDPAGE
	ops->sendpage = signet_sendpage;
#endif
}

/*
 * What is copied from TCP is copied now, from a socket with the kernel's own operations: the copies
 * that are made later would lead into the module when it is gone.
 */
static int family_prime(struct signet_family *family)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, family->family, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err == -EAFNOSUPPORT)
		pr_err("IPv6 must not be switched off in the kernel (ipv6.disable=1)\n");
	if (err)
		return err;
	signet_stock[family->family == AF_INET6] = sock->ops;
	err = -EOPNOTSUPP;
	if (sock->sk->sk_prot == family->proto)
		err = signet_sockmap_copies(sock->sk, family->mapped);
	if (err >= 0) {
		family->mapped_count = err;
		err = signet_ktls_prime(sock, &family->ktls);
	}
	sock_release(sock);
	return err;
}

static void family_patch(struct signet_family *family)
{
	struct proto *proto = family->proto;
	int i;

	family->init = proto->init;
	family->connect = proto->connect;
	family->accept = proto->accept;
	family->setsockopt = proto->setsockopt;
	for (i = 0; i < family->mapped_count; i++) {
		WRITE_ONCE(family->mapped[i]->setsockopt, mapped_setsockopt);
		WRITE_ONCE(family->mapped[i]->connect, patched_connect);
		WRITE_ONCE(family->mapped[i]->accept, patched_accept);
	}
	WRITE_ONCE(proto->init, patched_init);
	WRITE_ONCE(proto->connect, patched_connect);
	WRITE_ONCE(proto->accept, patched_accept);
}

/* Nothing is patched: kTLS's module may be loaded again. */
static void family_release(struct signet_family *family)
{
	module_put(family->ktls);
	family->ktls = NULL;
}

static void family_restore(struct signet_family *family)
{
	struct proto *proto = family->proto;
	int i;

	WRITE_ONCE(proto->init, family->init);
	WRITE_ONCE(proto->connect, family->connect);
	WRITE_ONCE(proto->accept, family->accept);
	for (i = 0; i < family->mapped_count; i++) {
		WRITE_ONCE(family->mapped[i]->connect, family->connect);
		WRITE_ONCE(family->mapped[i]->accept, family->accept);
		WRITE_ONCE(family->mapped[i]->setsockopt, family->setsockopt);
	}
}

/* Is it a user's TCP socket? Also in a sockmap: what it carries tells whether it is hooked. */
static struct socket *tcp_socket(struct file *file)
{
	struct socket *sock = sock_from_file(file);

	return sock && sock->sk && sk_is_tcp(sock->sk) ? sock : NULL;
}

/**
 * struct pass - once through the open sockets
 * @held: sockets that weren't visited, as a program holds their lock
 * @unhooked: how many were given back
 */
struct pass {
	unsigned int held;
	unsigned int unhooked;
};

static void each_socket_of(struct task_struct *task,
			   void (*visit)(struct socket *sock, struct pass *pass),
			   struct pass *pass)
{
	struct socket *sock;
	struct file *file;
	unsigned int fd;

	for (fd = 0; ; fd++) {
		rcu_read_lock();
		file = signet_next_file(task, &fd);
		rcu_read_unlock();
		if (!file)
			break;
		sock = tcp_socket(file);
		if (sock)
			visit(sock, pass);
		fput(file);
		cond_resched();
	}
}

/*
 * Calls @visit with every open TCP socket of every process. It may sleep. -EINTR when the caller is
 * killed: processes that end all the time could keep it busy.
 */
static int each_socket(void (*visit)(struct socket *sock, struct pass *pass), struct pass *pass)
{
	struct task_struct *process, *task;
	bool alive;

again:
	rcu_read_lock();
	for_each_process_thread(process, task) {
		/* Nearly all threads share the files of their process. */
		if (task->flags & PF_KTHREAD ||
		    (task != process && READ_ONCE(task->files) == READ_ONCE(process->files)))
			continue;
		get_task_struct(process);
		get_task_struct(task);
		rcu_read_unlock();
		each_socket_of(task, visit, pass);
		rcu_read_lock();
		/* Their links to the next are good as long as they haven't been reaped. */
		alive = pid_alive(process) && pid_alive(task);
		put_task_struct(task);
		put_task_struct(process);
		if (!alive) {
			rcu_read_unlock();
			if (fatal_signal_pending(current))
				return -EINTR;
			goto again;
		}
	}
	rcu_read_unlock();
	return 0;
}

/*
 * Nearly every lock is held for a moment only; but a program may hold one as long as it likes. So
 * those whose lock is held are visited again, for a second.
 */
static int each_socket_unheld(void (*visit)(struct socket *sock, struct pass *pass),
			      struct pass *pass)
{
	unsigned long end = jiffies + HZ;
	int err;

	for (;;) {
		pass->held = 0;
		err = each_socket(visit, pass);
		if (err || !pass->held || time_after(jiffies, end))
			return err;
		msleep(20);
	}
}

/*
 * Threads that wait in accept() have passed our patch already: they are sent round once more. The
 * system call is restarted; programs don't notice (but with SO_RCVTIMEO, where it is EINTR).
 */
static void bounce_accepts(struct sock *sk)
{
	struct wait_queue_head *head = sk_sleep(sk);
	struct wait_queue_entry *entry;

	spin_lock_irq(&head->lock);
	list_for_each_entry(entry, &head->head, entry) {
		if (entry->func != autoremove_wake_function || !(entry->flags & WQ_FLAG_EXCLUSIVE))
			continue;
		set_tsk_thread_flag(entry->private, TIF_NOTIFY_SIGNAL);
		wake_up_process(entry->private);
	}
	spin_unlock_irq(&head->lock);
}

static void hook_visit(struct socket *sock, struct pass *pass)
{
	int state = inet_sk_state_load(sock->sk);
	struct sock *sk = sock->sk;
	bool bounce = false;

	/* What has begun to connect stays as it is, and may hold its lock for long. */
	if (state != TCP_LISTEN && state != TCP_CLOSE)
		return;
	/* Nobody takes the lock meanwhile. */
	spin_lock_bh(&sk->sk_lock.slock);
	if (sock_owned_by_user_nocheck(sk))
		pass->held++;
	else if (sk->sk_state == TCP_CLOSE)
		hook_socket(sock);
	else if (sk->sk_state == TCP_LISTEN)
		bounce = !signet_is_hooked(sock) && hook_socket(sock);
	spin_unlock_bh(&sk->sk_lock.slock);
	if (bounce)
		bounce_accepts(sk);
}

static void unhook_visit(struct socket *sock, struct pass *pass)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);
	struct sock *sk = sock->sk;

	if (!signet_listener_try_close(sk)) {
		pass->held++;
	} else if (!ss && signet_is_hooked(sock)) {
		/* As in hook_visit(). It may have become a protected one. */
		spin_lock_bh(&sk->sk_lock.slock);
		if (sock_owned_by_user_nocheck(sk)) {
			pass->held++;
		} else {
			ss = signet_socket_find(sk);
			if (unhook(sock, ss))
				pass->unhooked++;
		}
		spin_unlock_bh(&sk->sk_lock.slock);
	}
	signet_socket_put(ss);
	if (inet_sk_state_load(sk) == TCP_LISTEN)
		bounce_accepts(sk);
}

int signet_drain(void)
{
	struct pass pass = {};
	int i, err;

	WRITE_ONCE(signet_draining, true);
	/* Who waits in accept() has a reference: sent round, they wait in the kernel's own. */
	for (i = 0; i < SIGNET_FAMILIES; i++)
		family_restore(&signet_families[i]);
	signet_bypass_restore();
	synchronize_srcu(&signet_hook_srcu);
	err = each_socket_unheld(unhook_visit, &pass);
	/* Who has loaded our operations, but isn't inside yet, first takes its own reference. */
	synchronize_rcu_tasks();
	while (pass.unhooked--)
		signet_leave();
	return err ? err : (int)pass.held;
}

int signet_hook_init(void)
{
	struct pass pass = {};
	int i, err;

	for (i = 0; i < SIGNET_FAMILIES; i++) {
		err = family_prime(&signet_families[i]);
		if (err)
			goto unprime;
		family_ops(&signet_families[i]);
	}
	err = signet_bypass_close();
	if (err)
		goto unprime;
	for (i = 0; i < SIGNET_FAMILIES; i++)
		family_patch(&signet_families[i]);
	/* One whose lock stays held isn't hooked; it gets nowhere inside the scope. */
	err = each_socket_unheld(hook_visit, &pass);
	if (err)
		signet_hook_undo();
	return err;

unprime:
	for (i = 0; i < SIGNET_FAMILIES; i++)
		family_release(&signet_families[i]);
	return err;
}

void signet_hook_undo(void)
{
	/* Our code goes away with the failed load: no socket may carry it. */
	while (signet_drain())
		cond_resched();
	signet_hook_exit();
}

void signet_hook_exit(void)
{
	int i;

	for (i = 0; i < SIGNET_FAMILIES; i++)
		family_restore(&signet_families[i]);
	signet_bypass_open();
	synchronize_rcu_tasks();
	synchronize_srcu(&signet_hook_srcu);
	synchronize_rcu_tasks();
	for (i = 0; i < SIGNET_FAMILIES; i++)
		family_release(&signet_families[i]);
}
