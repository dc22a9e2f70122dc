// SPDX-License-Identifier: GPL-2.0
/* accept(): identity is that of the process that accepts, so the handshake begins here. */
#include "hook/accept.h"

#include <net/inet_common.h>
#include <net/tcp.h>

#include "hook/patch.h"
#include "identity/identity.h"
#include "identity/node.h"
#include "policy/scope.h"
#include "session/handshake.h"
#include "session/socket.h"
#include "watch/reason.h"
#include "watch/stats.h"

bool signet_accept_inside(const struct sock *sk)
{
	union signet_address local;
	struct signet_node *node;
	bool inside;

	signet_address_local(sk, &local);
	node = signet_node_get(sock_net(sk));
	inside = signet_scope_accept(&node->policy, &local.any) == SIGNET_SCOPE_INSIDE;
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
	int err;

	node = signet_node_get(sock_net(newsock->sk));
	ss = signet_socket_protect(newsock, SIGNET_ROLE_SERVER, node);
	if (IS_ERR(ss)) {
		tcp_abort(newsock->sk, -PTR_ERR(ss));
		signet_node_put(node);
		return -ECONNABORTED;
	}
	signet_address_local(newsock->sk, &ss->local);
	signet_address_remote(newsock->sk, &ss->remote);
	err = signet_admission_enter(&ss->setup.admission, &ss->remote);
	if (err) {
		signet_socket_fail(ss, err == -ENOBUFS ? SIGNET_REASON_LIMIT :
				   SIGNET_REASON_NO_MEMORY, SIGNET_ALERT_NONE, true);
		goto put;
	}
	err = signet_resolve(&ss->setup.resolution);
	if (err && err != -EINPROGRESS)
		signet_socket_fail(ss, ss->setup.resolution.reason, SIGNET_ALERT_NONE, true);
	else if (!err)
		signet_handshake_resolved(&ss->setup.resolution);
put:
	signet_socket_put(ss);
	signet_node_put(node);
	return 0;
}

int signet_accept(struct socket *sock, struct socket *newsock, SIGNET_ACCEPT_ARGS)
{
	int err;

	if (!signet_enter())
		return -EINTR;
	err = accept_stock(sock, newsock, SIGNET_ACCEPT_FLAGS, SIGNET_ACCEPT_KERN);
	if (err)
		goto out;
	/* The core has given @newsock the listener's operations and a reference for them. */
	if (signet_accept_inside(newsock->sk)) {
		err = accept_protect(newsock);
	} else {
		signet_count(sock_net(newsock->sk), SIGNET_COUNT_OUTSIDE);
		signet_unhook_socket(newsock);
	}
out:
	signet_leave();
	return err;
}
