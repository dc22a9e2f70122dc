// SPDX-License-Identifier: GPL-2.0
/* Polling: what is true of the plaintext. */
#include "hook/poll.h"

#include <linux/poll.h>
#include <net/inet_sock.h>
#include <net/tcp_states.h>
#include <net/tls.h>

#include "hook/accept.h"
#include "hook/patch.h"
#include "session/control.h"
#include "session/listener.h"
#include "session/socket.h"
#include "session/stock.h"

#define SIGNET_POLL_IN (EPOLLIN | EPOLLRDNORM)
#define SIGNET_POLL_OUT (EPOLLOUT | EPOLLWRNORM)
#define SIGNET_POLL_FAILED (SIGNET_POLL_IN | SIGNET_POLL_OUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

/* Is there as much for the program to read as it wants, behind what isn't for it? */
static bool poll_readable(struct signet_socket *ss)
{
	int low = min(READ_ONCE(ss->setup.rcvlowat), SIGNET_AVAILABLE_MAX);
	struct tls_context *ctx = tls_get_ctx(ss->sk);
	int head;

	/* While another thread reads, nobody can look; it finds out. */
	head = signet_control_next(ss);
	if (READ_ONCE(ss->ending.ended) || READ_ONCE(ss->control.peer_closed))
		return true;
	if (head == SIGNET_RECORD_DATA && low > 1)
		return signet_control_available(ss) >= low;
	return head != 0 || READ_ONCE(tls_sw_ctx_rx(ctx)->reader_present);
}

static __poll_t protected_poll(struct signet_socket *ss, struct file *file)
{
	struct sock *sk = ss->sk;
	__poll_t mask;

	if (READ_ONCE(ss->plain))
		return ss->stock->poll(file, ss->sock, NULL);
	switch (signet_socket_state(ss)) {
	case SIGNET_CONNECTION_STATE_RESOLVING:
	case SIGNET_CONNECTION_STATE_CONNECTING:
	case SIGNET_CONNECTION_STATE_HANDSHAKING:
	case SIGNET_CONNECTION_STATE_ACCEPTING:
		return 0;
	case SIGNET_CONNECTION_STATE_FAILED:
		return SIGNET_POLL_FAILED;
	default:
		break;
	}

	mask = ss->stock->poll(file, ss->sock, NULL);
	if (mask & EPOLLIN && !(mask & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) &&
	    !poll_readable(ss))
		mask &= ~SIGNET_POLL_IN;
	if (READ_ONCE(ss->control.peer_closed))
		mask |= SIGNET_POLL_IN | EPOLLRDHUP;
	if (READ_ONCE(ss->closing.shut_write)) {
		mask |= SIGNET_POLL_OUT;
		if (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
			mask |= EPOLLHUP;
	}
	if (READ_ONCE(ss->ending.ended)) {
		mask |= SIGNET_POLL_IN | SIGNET_POLL_OUT | EPOLLRDHUP | EPOLLHUP;
		/* From then on the socket's own error tells. */
		if (inet_sk_state_load(sk) != TCP_CLOSE)
			mask |= EPOLLERR;
	}
	return mask;
}

/* Not protected. A listener has what was taken out of TCP's queue, too. */
static __poll_t unprotected_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	__poll_t mask = signet_stock_ops(sock->sk)->poll(file, sock, wait);
	struct signet_listener *listener;

	if (inet_sk_state_load(sock->sk) != TCP_LISTEN || !signet_enter())
		return mask;
	listener = signet_listener_of(sock);
	if (!IS_ERR_OR_NULL(listener)) {
		signet_listener_watched(listener);
		if (signet_listener_ready(listener))
			mask |= SIGNET_POLL_IN;
		signet_listener_put(listener);
	}
	signet_leave();
	return mask;
}

__poll_t signet_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);
	__poll_t mask;

	if (!ss)
		return unprotected_poll(file, sock, wait);
	/* First, so that no change is missed that comes while we look. */
	sock_poll_wait(file, sock, wait);
	mask = protected_poll(ss, file);
	signet_socket_put(ss);
	return mask;
}
