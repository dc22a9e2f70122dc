// SPDX-License-Identifier: GPL-2.0
/* connect(): plain outside the scope; inside, it succeeds when the peer has proven who it is. */
#include "hook/connect.h"

#include <linux/tcp.h>
#include <net/inet_common.h>
#include <net/ipv6.h>

#include "hook/patch.h"
#include "identity/node.h"
#include "policy/scope.h"
#include "session/connection.h"
#include "session/handshake.h"
#include "session/listener.h"
#include "session/socket.h"
#include "session/stock.h"
#include "watch/reason.h"

bool signet_connect_inside(struct sock *sk, const struct sockaddr *address, int len)
{
	struct signet_node *node;
	bool inside;

	if (len < (int)offsetofend(struct sockaddr, sa_family))
		return false;
	if (address->sa_family == AF_INET) {
		if (len < (int)sizeof(struct sockaddr_in))
			return false;
	} else if (address->sa_family == AF_INET6) {
		if (len < SIN6_LEN_RFC2133)
			return false;
	} else {
		return false;
	}
	node = signet_node_get(sock_net(sk));
	inside = signet_scope_connect(&node->policy, address) == SIGNET_SCOPE_INSIDE;
	signet_node_put(node);
	return inside;
}

/* A protected socket that isn't open yet, or failed: what connect() says of it. */
static int connect_wait(struct signet_socket *ss, struct socket *sock,
			struct sockaddr *address, int len, int flags, int begun)
{
	struct sock *sk = sock->sk;
	long timeout = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int err;

	err = signet_socket_wait(ss, timeout);
	if (err == -EAGAIN)
		return begun;
	if (err == -ERESTARTSYS || err == -EINTR)
		return err;
	/* Never connected: an ordinary socket again, whose error the kernel's connect() reports. */
	if (err && ss->role == SIGNET_ROLE_CLIENT && sock->state == SS_CONNECTING &&
	    sk->sk_state == TCP_CLOSE)
		return ss->stock->connect(sock, address, len, flags);
	if (err) {
		sock_error(sk);
		return err;
	}
	/* Reports success once, and that it is connected afterwards. */
	return ss->stock->connect(sock, address, len, flags);
}

/* AF_UNSPEC takes back what isn't open; kTLS can't be taken back. */
static int connect_dissolve(struct signet_socket *ss, struct socket *sock,
			    struct sockaddr *address, int len, int flags)
{
	int err;

	if (ss->plain)
		return ss->stock->connect(sock, address, len, flags);
	if (signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_OPEN)
		return -EOPNOTSUPP;
	signet_socket_halt(ss);
	if (signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_OPEN)
		return -EOPNOTSUPP;
	if (!ss->setup.attached) {
		/* Only what is not connected may be an ordinary socket. */
		err = ss->stock->connect(sock, address, len, flags);
		if (!err) {
			signet_socket_dismiss(ss, SIGNET_REASON_LOCAL_CLOSE, -ECONNABORTED);
			return 0;
		}
	}
	signet_socket_fail(ss, SIGNET_REASON_LOCAL_CLOSE, SIGNET_ALERT_NONE, true);
	return 0;
}

static int connect_again(struct signet_socket *ss, struct socket *sock,
			 struct sockaddr *address, int len, int flags)
{
	if (len >= (int)sizeof(sa_family_t) && address->sa_family == AF_UNSPEC)
		return connect_dissolve(ss, sock, address, len, flags);
	if (ss->plain)
		return ss->stock->connect(sock, address, len, flags);
	return connect_wait(ss, sock, address, len, flags, -EALREADY);
}

/* As TCP's, unless a new policy has ended it already. */
static int connect_plain(struct signet_socket *ss, struct socket *sock, struct sockaddr *address,
			 int len, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	lock_sock(sk);
	WRITE_ONCE(ss->setup.dialer, current);
	/* What is ended from here on finds a connection that it can reset. */
	err = READ_ONCE(ss->ending.ended) ? ss->error :
	      __inet_stream_connect(sock, address, len, flags, 0);
	WRITE_ONCE(ss->setup.dialer, NULL);
	release_sock(sk);
	return err;
}

/* The process is known, and so is what it acts as: the connection begins in its own context. */
static int connect_begin(struct signet_socket *ss, struct socket *sock,
			 struct sockaddr *address, int len, int flags)
{
	enum signet_reason reason;
	int err;

	signet_handshake_take_credential(ss);
	if (ss->plain) {
		signet_socket_restore(ss);
		return connect_plain(ss, sock, address, len, flags);
	}
	/* From here on no step does anything until it is dialed. */
	if (!signet_socket_advance(ss, SIGNET_CONNECTION_STATE_CONNECTING))
		return -ECONNABORTED;
	reason = signet_handshake_prepare(ss, ss->credential);
	if (reason == SIGNET_REASON_NONE) {
		reason = SIGNET_REASON_CONNECT_FAILED;
		err = signet_handshake_dial(ss, false);
	} else {
		err = signet_reason_errno(reason);
	}
	if (err && err != -EINPROGRESS) {
		signet_socket_halt(ss);
		signet_socket_dismiss(ss, reason, err);
		return err;
	}
	signet_turn_ask(ss);
	return connect_wait(ss, sock, address, len, flags, -EINPROGRESS);
}

/* Inside the scope, on a socket that was never connected. */
static int connect_first(struct socket *sock, struct sockaddr *address, int len, int flags)
{
	struct sock *sk = sock->sk;
	struct signet_socket *ss;
	struct signet_node *node;
	int err;

	if (unlikely(tcp_sk(sk)->repair))
		return -EPERM;
	node = signet_node_get(sock_net(sk));
	ss = signet_socket_protect(sock, SIGNET_ROLE_CLIENT, node);
	if (IS_ERR(ss)) {
		signet_node_put(node);
		return PTR_ERR(ss);
	}
	ss->setup.remote_len = min_t(int, len, sizeof(ss->remote));
	memcpy(&ss->remote, address, ss->setup.remote_len);

	err = signet_resolve(&ss->setup.resolution);
	if (err && err != -EINPROGRESS) {
		signet_socket_dismiss(ss, ss->setup.resolution.reason, err);
	} else if (err) {
		lock_sock(sk);
		if (sock->state == SS_UNCONNECTED)
			sock->state = SS_CONNECTING;
		release_sock(sk);
		err = connect_wait(ss, sock, address, len, flags, -EINPROGRESS);
	} else {
		err = connect_begin(ss, sock, address, len, flags);
	}
	signet_node_put(node);
	signet_socket_put(ss);
	return err;
}

static bool connect_looks_over(const struct signet_socket *ss, const struct socket *sock)
{
	return READ_ONCE(ss->plain) && !READ_ONCE(ss->setup.dialer) &&
	       sock->state == SS_UNCONNECTED && inet_sk_state_load(sock->sk) == TCP_CLOSE;
}

/* It was let through in plaintext, and is not connected any more: the next one is judged anew. */
static bool connect_is_over(struct signet_socket *ss, const struct socket *sock)
{
	if (!connect_looks_over(ss, sock))
		return false;
	/* The step that has let it through may be about to dial, or still use the socket. */
	signet_turn_stop(ss);
	return connect_looks_over(ss, sock);
}

/* False while another thread is still writing to what it was connected to. */
static bool connect_forget(struct signet_socket *ss)
{
	signet_connection_remove(ss); /* it is gone: who isn't inside yet doesn't write any more */
	/* Pairs with plain_begin(). */
	smp_mb();
	if (atomic_read(&ss->closing.senders))
		return false;
	signet_socket_unprotect(ss);
	return true;
}

/* Has TCP chosen the socket's own address, or never will? */
static bool has_address(struct signet_socket *ss)
{
	return ss->role == SIGNET_ROLE_SERVER || READ_ONCE(ss->setup.dialed) ||
	       READ_ONCE(ss->plain) || READ_ONCE(ss->released) ||
	       signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_OPEN;
}

int signet_getname(struct socket *sock, struct sockaddr *address, int peer)
{
	struct signet_socket *ss;
	int err = 0;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sock->sk);
	/* connect() has returned, but the connection begins when the process is known. */
	if (ss && !peer)
		err = wait_event_killable(ss->wait, has_address(ss));
	signet_socket_put(ss);
	if (!err)
		err = signet_stock_ops(sock->sk)->getname(sock, address, peer);
	signet_leave();
	return err;
}

/* It isn't connected; perhaps it has listened. */
static bool connect_is_first(struct socket *sock)
{
	if (sock->state != SS_UNCONNECTED || inet_sk_state_load(sock->sk) != TCP_CLOSE)
		return false;
	signet_listener_close(sock->sk);
	return true;
}

int signet_connect(struct socket *sock, struct sockaddr *address, int len, int flags)
{
	const struct proto_ops *stock = signet_stock_ops(sock->sk);
	struct sock *sk = sock->sk;
	struct signet_socket *ss;
	bool forgotten;
	int err;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sk);
	if (ss && connect_is_over(ss, sock)) {
		forgotten = connect_forget(ss);
		signet_socket_put(ss);
		if (!forgotten) {
			signet_leave();
			return -EALREADY;
		}
		ss = NULL;
	}
	if (ss) {
		err = connect_again(ss, sock, address, len, flags);
		signet_socket_put(ss);
	} else if (connect_is_first(sock) && signet_connect_inside(sk, address, len)) {
		err = connect_first(sock, address, len, flags);
	} else {
		/* Unhooked when it has begun (hook.c), unless the patches are gone. */
		err = stock->connect(sock, address, len, flags);
		if (signet_is_draining())
			signet_unhook_socket(sock);
	}
	signet_leave();
	return err;
}
