// SPDX-License-Identifier: GPL-2.0
/* As whom a connection is served, when it is its program's, and what if that doesn't wait. */
#include "session/serving.h"

#include <linux/sched/signal.h>
#include <net/tcp.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "session/handshake.h"
#include "session/socket.h"
#include "session/turn.h"
#include "watch/reason.h"
#include "watch/stats.h"

/* Closes what its program has left. */
static struct workqueue_struct *close_wq;

struct socket *signet_serving_own(const struct sock *sk, const struct socket *like)
{
	struct socket *sock;

	if (sock_create_lite(sk->sk_family, SOCK_STREAM, IPPROTO_TCP, &sock))
		return NULL;
	__module_get(THIS_MODULE); /* the operations' */
	sock->ops = like->ops;
	/* sock_graft() takes the owner from there. */
	SOCK_INODE(sock)->i_uid = sk->sk_uid;
	return sock;
}

struct signet_socket *signet_serving_protect(struct socket *sock, struct signet_node *node)
{
	struct signet_socket *ss = signet_socket_protect(sock, SIGNET_ROLE_SERVER, node);
	int err;

	if (IS_ERR(ss))
		return ss;
	signet_address_local(sock->sk, &ss->local);
	signet_address_remote(sock->sk, &ss->remote);
	err = signet_admission_enter(&ss->setup.admission, &ss->remote);
	if (err)
		signet_socket_fail(ss, err == -ENOBUFS ? SIGNET_REASON_LIMIT :
				   SIGNET_REASON_NO_MEMORY, SIGNET_ALERT_NONE, true);
	return ss;
}

void signet_serving_begin(struct signet_socket *ss)
{
	int err;

	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_FAILED)
		return;
	err = signet_resolve(&ss->setup.resolution);
	if (err && err != -EINPROGRESS)
		signet_socket_fail(ss, ss->setup.resolution.reason, SIGNET_ALERT_NONE, true);
	else if (!err)
		signet_handshake_resolved(&ss->setup.resolution);
}

void signet_serving_begin_early(struct signet_socket *ss, struct signet_credential *credential)
{
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_FAILED)
		return;
	signet_count(sock_net(ss->sk), SIGNET_COUNT_BEGUN_EARLY);
	ss->setup.early = true;
	ss->setup.resolution.credential = signet_credential_get(credential);
	signet_handshake_resolved(&ss->setup.resolution);
}

void signet_serving_drop(struct signet_socket *ss)
{
	struct socket *sock = ss->sock;

	signet_socket_halt(ss);
	signet_socket_fail(ss, SIGNET_REASON_LOCAL_CLOSE, SIGNET_ALERT_NONE, true);
	signet_socket_put(ss);
	sock_release(sock);
}

/* The first step of what was begun early didn't run: as if a program had accepted it first. */
static void begin_again(struct signet_socket *ss)
{
	signet_credential_put(ss->setup.resolution.credential);
	ss->setup.early = false;
	signet_resolution_init(&ss->setup.resolution, ss->node, signet_handshake_resolved);
	signet_serving_begin(ss);
}

void signet_serving_accept(struct signet_socket *ss, struct socket *newsock)
{
	struct socket *own = ss->sock;

	signet_turn_stop(ss);
	signet_socket_move(ss, newsock);
	sock_release(own);
	ss->pid = task_tgid_nr(current);
	WRITE_ONCE(ss->setup.resolved, false);
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_RESOLVING) {
		begin_again(ss);
	} else if (signet_socket_state(ss) != SIGNET_CONNECTION_STATE_FAILED) {
		ss->setup.accepted = true;
		signet_resolution_init(&ss->setup.resolution, ss->node, signet_handshake_resolved);
		if (signet_resolve(&ss->setup.resolution) != -EINPROGRESS)
			signet_serving_accepted(ss);
	}
	signet_turn_resume(ss);
}

/* Why the process that accepts can't have what was begun as another. */
static enum signet_reason acceptor_refusal(const struct signet_socket *ss)
{
	const struct signet_resolution *resolution = &ss->setup.resolution;

	if (resolution->error)
		return resolution->reason;
	if (!resolution->credential ||
	    strcmp(resolution->credential->spiffe_id, ss->credential->spiffe_id))
		return SIGNET_REASON_OTHER_ACCEPTOR;
	return SIGNET_REASON_NONE;
}

void signet_serving_accepted(struct signet_socket *ss)
{
	enum signet_reason reason = acceptor_refusal(ss);

	if (reason != SIGNET_REASON_NONE)
		signet_socket_fail(ss, reason, SIGNET_ALERT_NONE, true);
	signet_credential_put(ss->setup.resolution.credential);
	ss->setup.resolution.credential = NULL;
	ss->setup.accepted = false;
	ss->setup.early = false;
	signet_socket_open(ss);
}

/* The handshake, one way or the other. */
static bool is_over(const struct signet_socket *ss)
{
	return READ_ONCE(ss->plain) || signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_OPEN;
}

/* What its program held up has none. It stays the program's, whose open files are limited. */
static bool has_place(const struct signet_socket *ss)
{
	/* Pairs with signet_admission_leave(): the state is looked at afterwards. */
	return smp_load_acquire(&ss->setup.admission.counted) ||
	       signet_socket_state(ss) == SIGNET_CONNECTION_STATE_ACCEPTING;
}

/* It isn't open, has not failed, and its program doesn't want a reset. */
static bool may_leave(const struct signet_socket *ss)
{
	const struct sock *sk = ss->sk;

	return ss->role == SIGNET_ROLE_SERVER && !READ_ONCE(ss->released) && !is_over(ss) &&
	       has_place(ss) && !(sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime);
}

bool signet_serving_leave(struct signet_socket *ss)
{
	struct socket *own = may_leave(ss) ? signet_serving_own(ss->sk, ss->sock) : NULL;

	if (!own)
		return false;
	signet_turn_stop(ss);
	if (!may_leave(ss)) {
		sock_release(own);
		return false;
	}
	/* Nobody waits for what is sent, as close() would have. */
	lock_sock(ss->sk);
	sock_reset_flag(ss->sk, SOCK_LINGER);
	release_sock(ss->sk);
	signet_socket_move(ss, own);
	ss->setup.left = true;
	signet_turn_resume(ss);
	return true;
}

void signet_serving_left(struct signet_socket *ss)
{
	if (!is_over(ss))
		return;
	ss->setup.left = false;
	refcount_inc(&ss->refs);
	queue_work(close_wq, &ss->setup.close);
}

void signet_serving_close(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, setup.close);

	sock_release(ss->sock);
	signet_socket_put(ss);
}

int signet_serving_init(void)
{
	close_wq = alloc_workqueue("signet_close", WQ_UNBOUND, 0);
	return close_wq ? 0 : -ENOMEM;
}

void signet_serving_exit(void)
{
	destroy_workqueue(close_wq);
}
