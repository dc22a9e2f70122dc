// SPDX-License-Identifier: GPL-2.0
/*
 * accept(): identity is that of the process that accepts, so the handshake begins here, unless the
 * connection has waited for too long.
 */
#include "hook/accept.h"

#include <net/inet_common.h>
#include <net/tcp.h>

#include "hook/patch.h"
#include "identity/identity.h"
#include "identity/node.h"
#include "policy/scope.h"
#include "session/listener.h"
#include "session/serving.h"
#include "session/socket.h"
#include "session/stock.h"
#include "watch/stats.h"

bool signet_accept_inside(const struct sock *sk)
{
	union signet_address local;
	struct signet_node *node;
	bool inside;

	signet_address_local(sk, &local);
	node = signet_node_get(sock_net(sk));
	inside = signet_scope_accept(&node->policy, &local.any, task_tgid(current)) ==
		 SIGNET_SCOPE_INSIDE;
	signet_node_put(node);
	return inside;
}

/* What inet_accept() does, but with the accept that isn't patched. */
static int accept_stock(struct socket *sock, struct socket *newsock, int flags, bool kern)
{
	struct sock *newsk;
	int err = -EINVAL;

	newsk = signet_stock_accept(sock->sk, flags, &err, kern);
	if (!newsk)
		return err;
	lock_sock(newsk);
	sock_rps_record_flow(newsk);
	if (test_bit(SOCK_SUPPORT_ZC, &sock->flags))
		set_bit(SOCK_SUPPORT_ZC, &newsock->flags);
	sock_graft(newsk, newsock);
	newsock->state = SS_CONNECTED;
	release_sock(newsk);
	return 0;
}

/*
 * A socket that can't be protected is reset; the program learns it from the socket. Without memory
 * for that the program gets no socket: what the peer has sent would be there to read.
 */
static int accept_protect(struct socket *newsock)
{
	struct signet_socket *ss;
	struct signet_node *node;
	int err = 0;

	node = signet_node_get(sock_net(newsock->sk));
	ss = signet_serving_protect(newsock, node);
	if (IS_ERR(ss)) {
		tcp_abort(newsock->sk, -PTR_ERR(ss));
		err = -ECONNABORTED;
	} else {
		signet_serving_begin(ss);
		signet_socket_put(ss);
	}
	signet_node_put(node);
	return err;
}

/* The core has given @newsock the listener's operations and a reference for them. */
static int accept_taken(struct socket *newsock, bool inside)
{
	if (inside)
		return accept_protect(newsock);
	signet_count(sock_net(newsock->sk), SIGNET_COUNT_OUTSIDE);
	signet_unhook_socket(newsock);
	return 0;
}

/* From TCP's queue, which nobody else takes from. */
static int accept_alone(struct socket *sock, struct socket *newsock, int flags, bool kern)
{
	int err = accept_stock(sock, newsock, flags, kern);

	return err ?: accept_taken(newsock, signet_accept_inside(newsock->sk));
}

/* The oldest connection, wherever it waits; -EAGAIN when there is none. */
static int accept_next(struct signet_listener *listener, struct socket *sock,
		       struct socket *newsock, int flags, bool kern)
{
	struct signet_socket *ss = NULL;
	bool inside;
	int err = 0;

	signet_listener_lock(listener);
	if (signet_listener_ready(listener))
		ss = signet_listener_pop(listener);
	if (!ss)
		err = accept_stock(sock, newsock, flags | O_NONBLOCK, kern);
	inside = ss || (!err && signet_accept_inside(newsock->sk));
	if (inside)
		signet_listener_accepts(listener);
	signet_listener_unlock(listener);
	if (!ss)
		return err ?: accept_taken(newsock, inside);
	signet_serving_accept(ss, newsock);
	signet_socket_put(ss);
	return 0;
}

static int accept_listener(struct signet_listener *listener, struct socket *sock,
			   struct socket *newsock, int flags, bool kern)
{
	long timeout = sock_rcvtimeo(sock->sk, flags & O_NONBLOCK);
	int err;

	while (!signet_listener_closed(listener)) {
		err = accept_next(listener, sock, newsock, flags, kern);
		if (err != -EAGAIN || !timeout)
			return err;
		err = signet_listener_wait(listener, &timeout);
		if (err)
			return err;
	}
	/* Drained meanwhile: nothing is taken out any more. */
	return accept_alone(sock, newsock, flags, kern);
}

struct signet_listener *signet_listener_of(struct socket *sock)
{
	return signet_is_draining() ? signet_listener_find(sock->sk) : signet_listener_get(sock);
}

int signet_accept(struct socket *sock, struct socket *newsock, SIGNET_ACCEPT_ARGS)
{
	struct signet_listener *listener;
	int err;

	if (!signet_enter())
		return -EINTR;
	listener = signet_listener_of(sock);
	if (IS_ERR(listener)) {
		err = PTR_ERR(listener);
	} else if (listener) {
		err = accept_listener(listener, sock, newsock, SIGNET_ACCEPT_FLAGS,
				      SIGNET_ACCEPT_KERN);
		signet_listener_put(listener);
	} else {
		err = accept_alone(sock, newsock, SIGNET_ACCEPT_FLAGS, SIGNET_ACCEPT_KERN);
	}
	signet_leave();
	return err;
}

int signet_listen(struct socket *sock, int backlog)
{
	struct signet_listener *listener;
	int err;

	if (!signet_enter())
		return -EINTR;
	listener = signet_listener_find(sock->sk);
	if (listener) {
		signet_listener_lock(listener);
		signet_listener_look(listener);
	}
	err = signet_stock_ops(sock->sk)->listen(sock, backlog);
	if (listener) {
		signet_listener_listen(listener);
		signet_listener_unlock(listener);
	} else if (!err) {
		listener = signet_listener_of(sock);
	}
	/* Without memory for it, accept() will try again. */
	if (!IS_ERR_OR_NULL(listener)) {
		signet_listener_watched(listener);
		signet_listener_put(listener);
	}
	signet_leave();
	return err;
}
