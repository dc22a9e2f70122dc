// SPDX-License-Identifier: GPL-2.0
/*
 * Reading, writing and polling. Before a protected socket is open nothing passes; when it is, kTLS
 * does the work, and what is not the program's (alerts, tickets) is taken out of its way.
 */
#include "hook/data.h"

#include <linux/bvec.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "hook/connect.h"
#include "hook/patch.h"
#include "session/connection.h"
#include "session/control.h"
#include "session/ending.h"
#include "session/socket.h"
#include "session/stock.h"

/* What kTLS understands of a program's flags, and what means nothing to TCP, which ignores it. */
#define SIGNET_SEND_FLAGS (MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CMSG_COMPAT | \
			   MSG_SPLICE_PAGES)
#define SIGNET_AVAILABLE_MAX 65536

#define SIGNET_POLL_IN (EPOLLIN | EPOLLRDNORM)
#define SIGNET_POLL_OUT (EPOLLOUT | EPOLLWRNORM)
#define SIGNET_POLL_FAILED (SIGNET_POLL_IN | SIGNET_POLL_OUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

/* May the program write? 0, or what it gets instead. Then @senders is counted. */
static int send_begin(struct signet_socket *ss, int flags)
{
	struct sock *sk = ss->sk;
	int err;

	err = signet_socket_wait(ss, sock_sndtimeo(sk, flags & MSG_DONTWAIT));
	if (err)
		return err;
	if (READ_ONCE(ss->closing.shut_write) || READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return sk_stream_error(sk, flags, -EPIPE);
	atomic_inc(&ss->closing.senders);
	/* Pairs with signet_ending_work(): it sees us, or we see that it has ended. */
	smp_mb__after_atomic();
	if (READ_ONCE(ss->ending.ended)) {
		atomic_dec(&ss->closing.senders);
		return ss->error;
	}
	return 0;
}

static void send_end(struct signet_socket *ss, ssize_t sent)
{
	atomic_dec(&ss->closing.senders);
	if (sent > 0)
		atomic64_add(sent, &ss->tx_bytes);
}

/* TCP knows nothing of control messages; kTLS would send alerts by them. */
static int send_control(struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	if (!msg->msg_controllen)
		return 0;
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg) || cmsg->cmsg_level == SOL_TLS)
			return -EINVAL;
	}
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	return 0;
}

/* False when the connection is over; else @senders is counted. */
static bool plain_begin(struct signet_socket *ss)
{
	atomic_inc(&ss->closing.senders);
	/* Pairs with forget(). */
	smp_mb__after_atomic();
	if (!READ_ONCE(ss->gone))
		return true;
	atomic_dec(&ss->closing.senders);
	return false;
}

/* It was let through to one address: Fast Open would take it to another. */
static int plain_sendmsg(struct signet_socket *ss, struct msghdr *msg, size_t size)
{
	int ret;

	if (msg->msg_flags & MSG_FASTOPEN)
		return -EISCONN;
	if (!plain_begin(ss))
		return -EPIPE;
	ret = ss->stock->sendmsg(ss->sock, msg, size);
	atomic_dec(&ss->closing.senders);
	return ret;
}

static int protected_sendmsg(struct signet_socket *ss, struct msghdr *msg, size_t size)
{
	int flags = msg->msg_flags;
	int ret;

	if (READ_ONCE(ss->plain))
		return plain_sendmsg(ss, msg, size);
	if (flags & (MSG_OOB | MSG_ZEROCOPY))
		return -EOPNOTSUPP;
	ret = send_begin(ss, flags);
	if (ret)
		return ret;
	if (READ_ONCE(ss->plain)) {
		ret = plain_sendmsg(ss, msg, size);
	} else {
		ret = flags & MSG_FASTOPEN ? -EISCONN : send_control(msg);
		if (!ret) {
			msg->msg_flags = flags & SIGNET_SEND_FLAGS;
			ret = ss->ktls->sendmsg(ss->sock, msg, size);
		}
	}
	send_end(ss, ret);
	return ret < 0 && READ_ONCE(ss->ending.ended) ? ss->error : ret;
}

/*
 * A hooked socket that isn't protected isn't connected: what connects outside the scope is unhooked
 * with that. So nothing can be sent but by Fast Open; what was unhooked for it is never protected.
 */
static int unprotected_sendmsg(struct socket *sock, struct msghdr *msg, size_t size)
{
	struct sock *sk = sock->sk;
	int ret;

	if (!(msg->msg_flags & MSG_FASTOPEN) || !msg->msg_name)
		return sk_stream_error(sk, msg->msg_flags, -EPIPE);
	if (signet_connect_inside(sk, msg->msg_name, msg->msg_namelen))
		return -EOPNOTSUPP;
	if (!signet_enter())
		return -EINTR;
	signet_unhook_closed(sock);
	/* Hooked still: another thread connects it. */
	ret = signet_is_hooked(sock) ? -EISCONN : signet_stock_ops(sk)->sendmsg(sock, msg, size);
	signet_leave();
	return ret;
}

int signet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);
	int ret;

	if (!ss)
		return unprotected_sendmsg(sock, msg, size);
	ret = protected_sendmsg(ss, msg, size);
	signet_socket_put(ss);
	return ret;
}

#ifdef SIGNET_HAS_SENDPAGE
/*
 * kTLS's own sendpage hands MSG_SENDPAGE_NOTLAST to TCP, which then does not push, and waits for
 * room that only a push makes: with nothing in flight it waits for ever. By sendmsg there is
 * MSG_MORE, under which TCP sends what fills a segment.
 */
ssize_t signet_sendpage(struct socket *sock, struct page *page, int offset, size_t size, int flags)
{
	struct bio_vec vec = { .bv_page = page, .bv_offset = offset, .bv_len = size };
	struct signet_socket *ss = signet_socket_find(sock->sk);
	struct msghdr msg = { .msg_flags = flags & (MSG_DONTWAIT | MSG_NOSIGNAL) };
	ssize_t ret;

	if (!ss)
		return sk_stream_error(sock->sk, flags, -EPIPE);
	if (READ_ONCE(ss->plain)) {
		ret = -EPIPE;
		if (plain_begin(ss)) {
			ret = ss->stock->sendpage(sock, page, offset, size, flags);
			atomic_dec(&ss->closing.senders);
		}
	} else {
		if (flags & (MSG_MORE | MSG_SENDPAGE_NOTLAST))
			msg.msg_flags |= MSG_MORE;
		iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, size);
		ret = protected_sendmsg(ss, &msg, size);
	}
	signet_socket_put(ss);
	return ret;
}
#endif

void signet_splice_eof(struct socket *sock)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);

	if (!ss)
		return;
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_OPEN && ss->ktls->splice_eof)
		ss->ktls->splice_eof(sock);
	else if (READ_ONCE(ss->plain) && ss->stock->splice_eof)
		ss->stock->splice_eof(sock);
	signet_socket_put(ss);
}

/* The stream is over, and kTLS said 0: cleanly, or did somebody cut it? */
static int receive_end(struct signet_socket *ss)
{
	if (READ_ONCE(ss->control.peer_closed) || READ_ONCE(ss->closing.shut_read))
		return 0;
	signet_session_end(ss, SIGNET_REASON_TRUNCATED, SIGNET_ALERT_NONE);
	return READ_ONCE(ss->ending.ended) ? ss->error : 0;
}

/* What kTLS says of a record that isn't one, or that fails authentication. */
static int receive_error(struct signet_socket *ss, int err)
{
	if (err != -EBADMSG && err != -EMSGSIZE && err != -EINVAL)
		return err;
	signet_session_end(ss, SIGNET_REASON_BAD_RECORD, SIGNET_ALERT_BAD_RECORD_MAC);
	return -EBADMSG;
}

/* One call of kTLS's recvmsg that returns the program's data, the end, or an error. */
static int receive_once(struct signet_socket *ss, struct msghdr *msg, size_t size, int flags)
{
	int ret;

	do {
		if (READ_ONCE(ss->ending.ended))
			return ss->error;
		if (READ_ONCE(ss->control.peer_closed))
			return 0;
		ret = ss->ktls->recvmsg(ss->sock, msg, size, flags);
		if (ret != -EIO)
			break;
		/* Without a control buffer kTLS doesn't give away what isn't data. */
		ret = signet_control_take(ss);
		if (ret < 0)
			break;
	} while (!fatal_signal_pending(current));

	if (READ_ONCE(ss->ending.ended))
		return ss->error;
	if (ret < 0)
		return receive_error(ss, ret);
	if (!ret && size)
		return receive_end(ss);
	WRITE_ONCE(ss->control.records, 0);
	return ret;
}

/* MSG_WAITALL goes on behind a ticket. */
static int receive_all(struct signet_socket *ss, struct msghdr *msg, size_t size, int flags)
{
	size_t have = 0;
	int ret;

	for (;;) {
		ret = receive_once(ss, msg, size - have, flags);
		if (ret <= 0)
			return have ?: ret;
		have += ret;
		if (!(flags & MSG_WAITALL) || flags & MSG_PEEK || have == size ||
		    signal_pending(current) || signet_control_take(ss) <= 0)
			return have;
	}
}

static int protected_recvmsg(struct signet_socket *ss, struct msghdr *msg, size_t size,
			     int flags)
{
	bool on_user = msg->msg_control_is_user;
	void *control = msg->msg_control;
	size_t controllen = msg->msg_controllen;
	int ret;

	if (flags & MSG_ERRQUEUE)
		return ss->stock->recvmsg(ss->sock, msg, size, flags);
	ret = signet_socket_wait(ss, sock_rcvtimeo(ss->sk, flags & MSG_DONTWAIT));
	if (ret)
		return ret;
	if (READ_ONCE(ss->plain))
		return ss->stock->recvmsg(ss->sock, msg, size, flags);
	if (flags & MSG_OOB)
		return -EINVAL;
	if (flags & MSG_TRUNC)
		iov_iter_discard(&msg->msg_iter, ITER_DEST, size);

	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	ret = receive_all(ss, msg, size, flags & ~MSG_TRUNC);
	msg->msg_control = control;
	msg->msg_controllen = controllen;
	msg->msg_control_is_user = on_user;
	msg->msg_flags &= ~(MSG_CTRUNC | MSG_EOR);
	if (ret > 0 && !(flags & MSG_PEEK))
		atomic64_add(ret, &ss->rx_bytes);
	return ret;
}

/* Hooked and not protected, so not connected: there is nothing to read. As TCP says it. */
static int unprotected_receive(struct sock *sk)
{
	int err;

	if (sock_flag(sk, SOCK_DONE))
		return 0;
	err = sock_error(sk);
	if (err)
		return err;
	return READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN ? 0 : -ENOTCONN;
}

int signet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size, int flags)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);
	int ret;

	if (ss) {
		ret = protected_recvmsg(ss, msg, size, flags);
		signet_socket_put(ss);
		return ret;
	}
	if (!(flags & MSG_ERRQUEUE))
		return unprotected_receive(sock->sk);
	if (!signet_enter())
		return -EINTR;
	ret = signet_stock_ops(sock->sk)->recvmsg(sock, msg, size, flags);
	signet_leave();
	return ret;
}

static ssize_t protected_splice(struct signet_socket *ss, loff_t *position,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	/* TCP goes by the socket's O_NONBLOCK, kTLS by the call's flag. */
	bool nonblock = ss->sock->file && ss->sock->file->f_flags & O_NONBLOCK;
	ssize_t ret;

	ret = signet_socket_wait(ss, sock_rcvtimeo(ss->sk, nonblock));
	if (ret)
		return ret;
	if (READ_ONCE(ss->plain))
		return ss->stock->splice_read(ss->sock, position, pipe, len, flags);
	flags &= ~SPLICE_F_NONBLOCK;
	if (nonblock)
		flags |= SPLICE_F_NONBLOCK;
	do {
		if (READ_ONCE(ss->ending.ended))
			return ss->error;
		if (READ_ONCE(ss->control.peer_closed))
			return 0;
		ret = ss->ktls->splice_read(ss->sock, position, pipe, len, flags);
		if (ret > 0)
			break;
		if (ret == -EINVAL) {
			/* A control record, which kTLS keeps; or a record that is none. */
			ret = signet_control_take(ss);
			if (ret < 0)
				return receive_error(ss, ret);
		} else if (ret < 0) {
			return receive_error(ss, ret);
		} else if (READ_ONCE(ss->sk->sk_shutdown) & RCV_SHUTDOWN &&
			   !sk_is_readable(ss->sk)) {
			return receive_end(ss);
		}
		/* 0 otherwise: an empty record, which isn't the end. */
	} while (!signal_pending(current));

	if (READ_ONCE(ss->ending.ended))
		return ss->error;
	if (ret <= 0)
		return -ERESTARTSYS;
	WRITE_ONCE(ss->control.records, 0);
	atomic64_add(ret, &ss->rx_bytes);
	return ret;
}

ssize_t signet_splice_read(struct socket *sock, loff_t *position, struct pipe_inode_info *pipe,
			   size_t len, unsigned int flags)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);
	ssize_t ret;

	if (!ss)
		return unprotected_receive(sock->sk);
	ret = protected_splice(ss, position, pipe, len, flags);
	signet_socket_put(ss);
	return ret;
}

int signet_data_available(struct signet_socket *ss)
{
	struct msghdr msg = {};
	int n;

	while (signet_control_take(ss) > 0)
		cond_resched();
	if (READ_ONCE(ss->ending.ended) || READ_ONCE(ss->control.peer_closed))
		return 0;
	iov_iter_discard(&msg.msg_iter, ITER_DEST, SIGNET_AVAILABLE_MAX);
	n = ss->ktls->recvmsg(ss->sock, &msg, SIGNET_AVAILABLE_MAX, MSG_PEEK | MSG_DONTWAIT);
	return max(n, 0);
}

/* Is there anything for the program to read, behind what isn't for it? */
static bool poll_readable(struct signet_socket *ss)
{
	struct tls_context *ctx = tls_get_ctx(ss->sk);

	while (signet_control_take(ss) > 0) {
		if (READ_ONCE(ss->ending.ended) || READ_ONCE(ss->control.peer_closed))
			return true;
		cond_resched();
	}
	/* While another thread reads, nobody can look; it finds out. */
	return signet_control_head(ss) != 0 || READ_ONCE(tls_sw_ctx_rx(ctx)->reader_present);
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
	if (READ_ONCE(ss->ending.ended))
		mask |= SIGNET_POLL_FAILED;
	return mask;
}

__poll_t signet_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);
	__poll_t mask;

	if (!ss)
		return signet_stock_ops(sock->sk)->poll(file, sock, wait);
	/* First, so that no change is missed that comes while we look. */
	sock_poll_wait(file, sock, wait);
	mask = protected_poll(ss, file);
	signet_socket_put(ss);
	return mask;
}
