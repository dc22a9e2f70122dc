// SPDX-License-Identifier: GPL-2.0
/* Writing. Before a protected socket is open nothing passes; when it is, kTLS does the work. */
#include "hook/send.h"

#include <linux/bvec.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "hook/connect.h"
#include "hook/patch.h"
#include "session/ending.h"
#include "session/judge.h"
#include "session/sending.h"
#include "session/socket.h"
#include "session/stock.h"

/* What means something to kTLS of a program's flags. */
#define SIGNET_SEND_FLAGS (MSG_MORE | MSG_CMSG_COMPAT | MSG_SPLICE_PAGES)

/* TCP knows few control messages, and ignores other levels; kTLS would send alerts by its own. */
static int send_control(struct signet_socket *ss, struct msghdr *msg)
{
	struct sockcm_cookie ignored;
	struct cmsghdr *cmsg;

	if (!msg->msg_controllen)
		return 0;
	sockcm_init(&ignored, ss->sk);
	if (sock_cmsg_send(ss->sk, msg, &ignored))
		return -EINVAL;
	for_each_cmsghdr(cmsg, msg) {
		if (cmsg->cmsg_level == SOL_TLS)
			return -EINVAL;
	}
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	return 0;
}

/* As much as there is room for: bytes, -EAGAIN, -EPIPE when writing is over, or another errno. */
static int send_some(struct signet_socket *ss, struct msghdr *msg)
{
	int n = -EPIPE;

	atomic_inc(&ss->closing.senders);
	/* Pairs with signet_session_end(): it sees us, or we see that it has ended. */
	smp_mb__after_atomic();
	signet_judge_key(ss);
	if (!signet_sending_is_over(ss))
		n = signet_sending_call(ss, msg);
	atomic_dec(&ss->closing.senders);
	signet_ending_look(ss);
	/* TCP waits for memory as for room. */
	return n == -ENOMEM ? -EAGAIN : n;
}

/* The caller has the turn. */
static int send_all(struct signet_socket *ss, struct msghdr *msg, long timeout)
{
	int sent = 0, in_vain = 0, n;

	do {
		n = send_some(ss, msg);
		if (n > 0)
			sent += n;
		else if (n != -EAGAIN)
			break;
		if (!msg_data_left(msg))
			break;
		in_vain = n > 0 ? 0 : in_vain + 1;
		n = signet_sending_wait(ss, &timeout, in_vain > 1);
	} while (!n);
	return sent ?: n;
}

/* What the program gets instead of EPIPE the first time, and SIGPIPE afterwards. */
static int send_error(struct signet_socket *ss, int flags, int err)
{
	if (err == -EAGAIN || !signet_sending_is_over(ss))
		return err;
	if (READ_ONCE(ss->ending.ended))
		return sk_stream_error(ss->sk, flags, signet_ending_report(ss) ?: -EPIPE);
	return signet_ending_error(ss, sk_stream_error(ss->sk, flags, -EPIPE));
}

/*
 * MSG_ZEROCOPY with SO_ZEROCOPY: the program waits for a notice that its bytes are not in use.
 * As from a device that can't do it, the notice says that they were copied. NULL: no memory.
 */
static struct ubuf_info *send_notice(struct sock *sk, size_t size)
{
	struct ubuf_info *notice;

	lock_sock(sk);
	notice = msg_zerocopy_realloc(sk, size, NULL);
	release_sock(sk);
	if (notice)
		uarg_to_msgzc(notice)->zerocopy = 0;
	return notice;
}

/* The caller has the turn. */
static int send_with_notice(struct signet_socket *ss, struct msghdr *msg, long timeout)
{
	struct ubuf_info *notice;
	int ret;

	notice = send_notice(ss->sk, msg_data_left(msg));
	if (!notice)
		return -ENOBUFS;
	ret = send_all(ss, msg, timeout);
	if (ret < 0)
		net_zcopy_put_abort(notice, true);
	else
		net_zcopy_put(notice);
	return ret;
}

static int send_open(struct signet_socket *ss, struct msghdr *msg, int flags)
{
	bool noticed = flags & MSG_ZEROCOPY && sock_flag(ss->sk, SOCK_ZEROCOPY) &&
		       msg_data_left(msg);
	long timeout = sock_sndtimeo(ss->sk, flags & MSG_DONTWAIT);
	int ret;

	ret = send_control(ss, msg);
	if (ret)
		return ret;
	ret = signet_sending_begin(ss, &timeout);
	if (ret)
		return ret;
	/* kTLS never waits, and signals nobody. */
	msg->msg_flags = (flags & SIGNET_SEND_FLAGS) | MSG_DONTWAIT | MSG_NOSIGNAL;
	if (noticed)
		ret = send_with_notice(ss, msg, timeout);
	else
		ret = send_all(ss, msg, timeout);
	signet_sending_end(ss);
	if (flags & MSG_MORE)
		signet_sending_more(ss);
	if (ret < 0)
		return send_error(ss, flags, ret);
	atomic64_add(ret, &ss->tx_bytes);
	return ret;
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
	int err;

	if (READ_ONCE(ss->plain))
		return plain_sendmsg(ss, msg, size);
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = signet_socket_wait(ss, sock_sndtimeo(ss->sk, flags & MSG_DONTWAIT));
	/* Who was ended is told once. */
	if (err && !READ_ONCE(ss->ending.ended))
		return err;
	if (READ_ONCE(ss->plain))
		return plain_sendmsg(ss, msg, size);
	if (flags & MSG_FASTOPEN)
		return -EISCONN;
	return send_open(ss, msg, flags);
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
	/* kTLS's own waits for memory. */
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_OPEN)
		signet_sending_push(ss);
	else if (READ_ONCE(ss->plain) && ss->stock->splice_eof)
		ss->stock->splice_eof(sock);
	signet_socket_put(ss);
}
