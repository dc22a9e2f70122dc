// SPDX-License-Identifier: GPL-2.0
/* release and shutdown. */
#include "hook/close.h"

#include <net/inet_common.h>
#include <net/tcp.h>

#include "hook/patch.h"
#include "session/closing.h"
#include "session/connection.h"
#include "session/listener.h"
#include "session/serving.h"
#include "session/socket.h"
#include "session/stock.h"
#include "session/takeover.h"

static void release_protected(struct signet_socket *ss)
{
	enum signet_connection_state state;

	signet_socket_halt(ss);
	cancel_delayed_work_sync(&ss->closing.work);
	signet_ending_forget_age(ss);
	state = signet_socket_state(ss);
	if (ss->plain) {
		signet_socket_unprotect(ss);
		return;
	}
	if (state == SIGNET_CONNECTION_STATE_OPEN) {
		spin_lock(&ss->lock);
		/* Pairs with signet_socket_state(). */
		smp_store_release(&ss->state, SIGNET_CONNECTION_STATE_CLOSING);
		spin_unlock(&ss->lock);
		if (!READ_ONCE(ss->ending.ended))
			signet_closing_finish(ss);
		if (!READ_ONCE(ss->ending.ended))
			signet_connection_event(ss, SIGNET_EVENT_KIND_CLOSED);
	} else if (state < SIGNET_CONNECTION_STATE_OPEN && !READ_ONCE(ss->ending.ended)) {
		ss->reason = SIGNET_REASON_LOCAL_CLOSE;
		signet_connection_event(ss, SIGNET_EVENT_KIND_REFUSED);
	}
	signet_socket_unprotect(ss);
}

int signet_release(struct socket *sock)
{
	const struct proto_ops *stock;
	struct signet_socket *ss;

	if (!sock->sk)
		return 0;
	stock = signet_stock_ops(sock->sk);
	signet_listener_close(sock->sk);
	ss = signet_socket_find(sock->sk);
	if (ss && signet_serving_leave(ss)) {
		signet_socket_put(ss);
		return 0;
	}
	if (ss) {
		release_protected(ss);
		signet_takeover_release(ss);
		signet_socket_put(ss);
	}
	return stock->release(sock);
}

static int shutdown_open(struct signet_socket *ss, int how)
{
	if (how != SHUT_WR)
		WRITE_ONCE(ss->closing.shut_read, true);
	if (how == SHUT_RD)
		return ss->stock->shutdown(ss->sock, how);
	return signet_closing_shutdown(ss, how);
}

/* Shown as connecting, while TCP hasn't heard of it: as in SYN_SENT, it is unconnected again. */
static bool shutdown_resolving(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;
	bool resolving;

	lock_sock(sk);
	resolving = sk->sk_state == TCP_CLOSE && ss->sock->state == SS_CONNECTING;
	if (resolving)
		ss->sock->state = SS_UNCONNECTED;
	release_sock(sk);
	return resolving;
}

/* Not open yet. A server's write side closes when it is; anything else is the end of it. */
static int shutdown_early(struct signet_socket *ss, int how)
{
	int err;

	if (ss->role == SIGNET_ROLE_SERVER && how != SHUT_RDWR) {
		if (how == SHUT_RD)
			WRITE_ONCE(ss->closing.shut_read, true);
		else
			WRITE_ONCE(ss->closing.shut_write, true);
		/* It may have opened just now, without seeing this. */
		if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_OPEN)
			signet_closing_resume(ss);
		return 0;
	}
	signet_socket_halt(ss);
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_OPEN)
		return shutdown_open(ss, how);
	if (ss->role == SIGNET_ROLE_CLIENT &&
	    signet_socket_state(ss) < SIGNET_CONNECTION_STATE_HANDSHAKING) {
		err = shutdown_resolving(ss) ? 0 : ss->stock->shutdown(ss->sock, how);
		/* Only what TCP says is not connected may be an ordinary socket. */
		if (inet_sk_state_load(ss->sk) == TCP_CLOSE) {
			signet_socket_dismiss(ss, SIGNET_REASON_LOCAL_CLOSE, -ECONNABORTED);
			return err;
		}
	}
	signet_socket_fail(ss, SIGNET_REASON_LOCAL_CLOSE, SIGNET_ALERT_NONE, true);
	return 0;
}

/* As TCP does it. A listener doesn't listen any more. */
static int shutdown_unprotected(struct socket *sock, int how)
{
	struct signet_listener *listener;
	int err;

	err = signet_stock_ops(sock->sk)->shutdown(sock, how);
	listener = signet_listener_find(sock->sk);
	if (listener) {
		signet_listener_lock(listener);
		signet_listener_look(listener);
		signet_listener_unlock(listener);
		signet_listener_put(listener);
	}
	return err;
}

int signet_shutdown(struct socket *sock, int how)
{
	struct signet_socket *ss;
	int err;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sock->sk);
	if (!ss)
		err = shutdown_unprotected(sock, how);
	else if (ss->plain || how < SHUT_RD || how > SHUT_RDWR || READ_ONCE(ss->ending.ended) ||
		 signet_socket_state(ss) == SIGNET_CONNECTION_STATE_FAILED)
		err = signet_stock_ops(sock->sk)->shutdown(sock, how);
	else if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_OPEN)
		err = shutdown_open(ss, how);
	else
		err = shutdown_early(ss, how);
	signet_socket_put(ss);
	signet_leave();
	return err;
}
