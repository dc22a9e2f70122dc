// SPDX-License-Identifier: GPL-2.0
/* MPTCP is patched, through the sk_prot of a socket of its own; SMC's family is occupied. */
#include "hook/bypass.h"

#include <linux/list.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <net/sock.h>

#include "compat.h"
#include "hook/accept.h"
#include "hook/connect.h"
#include "hook/patch.h"
#include "identity/node.h"
#include "policy/scope.h"
#include "watch/stats.h"

/**
 * struct signet_mptcp - MPTCP of an address family
 * @family: AF_INET or AF_INET6
 * @proto: NULL where the kernel has none
 * @init: without the patch
 * @connect: without the patch; NULL where MPTCP connects by other means
 * @accept: without the patch
 */
struct signet_mptcp {
	int family;
	struct proto *proto;
	int (*init)(struct sock *sk);
	int (*connect)(struct sock *sk, struct sockaddr *address, int len);
	struct sock *(*accept)(struct sock *sk, SIGNET_PROTO_ACCEPT_ARGS);
};

static struct signet_mptcp signet_mptcp[] = {
	{ .family = AF_INET },
	{ .family = AF_INET6 },
};

/**
 * struct mptcp_acceptor - a thread inside MPTCP's accept, with a reference on the module
 * @link: in mptcp_acceptors
 * @task: the thread
 */
struct mptcp_acceptor {
	struct list_head link;
	struct task_struct *task;
};

DEFINE_STATIC_SRCU(signet_bypass_srcu);
/* Guards the list. Process context; nothing but a task's wakeup is inside. */
static DEFINE_SPINLOCK(mptcp_acceptors_lock);
static LIST_HEAD(mptcp_acceptors);

static bool bypass_refused(struct net *net)
{
	struct signet_node *node = signet_node_get(net);
	bool refused = signet_scope_loaded(&node->policy);

	signet_node_put(node);
	return refused;
}

static struct signet_mptcp *mptcp_of(const struct sock *sk)
{
	return &signet_mptcp[sk->sk_family == AF_INET6];
}

static int patched_mptcp_init(struct sock *sk)
{
	int srcu, err;

	srcu = srcu_read_lock(&signet_bypass_srcu);
	/* First MPTCP's own: when we fail it is destroyed as what it then is. */
	err = mptcp_of(sk)->init(sk);
	if (!err && !sk->sk_kern_sock && bypass_refused(sock_net(sk))) {
		signet_count(sock_net(sk), SIGNET_COUNT_MPTCP_REFUSED);
		err = -EPROTONOSUPPORT;
	}
	srcu_read_unlock(&signet_bypass_srcu, srcu);
	return err;
}

/* Sockets from before the module, or the scope, was loaded. With the socket's lock held. */
static int patched_mptcp_connect(struct sock *sk, struct sockaddr *address, int len)
{
	int srcu, err;

	srcu = srcu_read_lock(&signet_bypass_srcu);
	if (!sk->sk_kern_sock && signet_connect_inside(sk, address, len)) {
		signet_count(sock_net(sk), SIGNET_COUNT_MPTCP_REFUSED);
		err = -EACCES;
	} else {
		err = mptcp_of(sk)->connect(sk, address, len);
	}
	srcu_read_unlock(&signet_bypass_srcu, srcu);
	return err;
}

/* Its accept() is begun anew when it would wait; programs don't notice. */
static void send_round(struct task_struct *task)
{
	set_tsk_thread_flag(task, TIF_NOTIFY_SIGNAL);
	wake_up_process(task);
}

static void acceptor_enter(struct mptcp_acceptor *acceptor)
{
	acceptor->task = current;
	spin_lock(&mptcp_acceptors_lock);
	list_add(&acceptor->link, &mptcp_acceptors);
	if (signet_is_draining())
		send_round(current);
	spin_unlock(&mptcp_acceptors_lock);
}

static void acceptor_leave(struct mptcp_acceptor *acceptor)
{
	spin_lock(&mptcp_acceptors_lock);
	list_del(&acceptor->link);
	spin_unlock(&mptcp_acceptors_lock);
}

/* Listeners from before the module, or the scope, was loaded. */
static struct sock *patched_mptcp_accept(struct sock *sk, SIGNET_PROTO_ACCEPT_ARGS)
{
	struct mptcp_acceptor acceptor;
	struct sock *newsk = NULL;

	if (!signet_enter()) {
		SIGNET_PROTO_ACCEPT_ERROR = -EINTR;
		return NULL;
	}
	if (!SIGNET_ACCEPT_KERN && bypass_refused(sock_net(sk))) {
		signet_count(sock_net(sk), SIGNET_COUNT_MPTCP_REFUSED);
		SIGNET_PROTO_ACCEPT_ERROR = -EACCES;
	} else {
		acceptor_enter(&acceptor);
		newsk = mptcp_of(sk)->accept(sk, SIGNET_PROTO_ACCEPT_PASS);
		acceptor_leave(&acceptor);
	}
	signet_leave();
	return newsk;
}

static int mptcp_find(struct signet_mptcp *mptcp)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, mptcp->family, SOCK_STREAM, IPPROTO_MPTCP, &sock);
	if (err == -ENOPROTOOPT) {
		pr_err("net.mptcp.enabled must be 1 while the module is loaded\n");
		return -EAGAIN;
	}
	if (err == -EPROTONOSUPPORT || err == -ESOCKTNOSUPPORT)
		return 0;
	if (err)
		return err;
	mptcp->proto = sock->sk->sk_prot;
	sock_release(sock);
	return 0;
}

static void mptcp_patch(struct signet_mptcp *mptcp)
{
	if (!mptcp->proto)
		return;
	mptcp->init = mptcp->proto->init;
	mptcp->connect = mptcp->proto->connect;
	mptcp->accept = mptcp->proto->accept;
	WRITE_ONCE(mptcp->proto->init, patched_mptcp_init);
	if (mptcp->connect)
		WRITE_ONCE(mptcp->proto->connect, patched_mptcp_connect);
	if (mptcp->accept)
		WRITE_ONCE(mptcp->proto->accept, patched_mptcp_accept);
}

static void mptcp_unpatch(struct signet_mptcp *mptcp)
{
	if (!mptcp->proto)
		return;
	WRITE_ONCE(mptcp->proto->init, mptcp->init);
	WRITE_ONCE(mptcp->proto->connect, mptcp->connect);
	WRITE_ONCE(mptcp->proto->accept, mptcp->accept);
}

static int smc_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	signet_count(net, SIGNET_COUNT_SMC_REFUSED);
	return -EPROTONOSUPPORT;
}

static const struct net_proto_family signet_smc_family = {
	.family = PF_SMC,
	.create = smc_create,
	.owner = THIS_MODULE,
};

int signet_bypass_close(void)
{
	int err;

	err = mptcp_find(&signet_mptcp[0]);
	if (!err)
		err = mptcp_find(&signet_mptcp[1]);
	if (err)
		return err;
	err = sock_register(&signet_smc_family);
	if (err) {
		pr_err("the smc module must be unloaded first\n");
		return err == -EEXIST ? -EBUSY : err;
	}
	mptcp_patch(&signet_mptcp[0]);
	mptcp_patch(&signet_mptcp[1]);
	return 0;
}

void signet_bypass_restore(void)
{
	struct mptcp_acceptor *acceptor;

	mptcp_unpatch(&signet_mptcp[0]);
	mptcp_unpatch(&signet_mptcp[1]);
	spin_lock(&mptcp_acceptors_lock);
	list_for_each_entry(acceptor, &mptcp_acceptors, link)
		send_round(acceptor->task);
	spin_unlock(&mptcp_acceptors_lock);
}

void signet_bypass_open(void)
{
	signet_bypass_restore();
	sock_unregister(PF_SMC);
	synchronize_rcu_tasks();
	synchronize_srcu(&signet_bypass_srcu);
}
