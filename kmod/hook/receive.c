// SPDX-License-Identifier: GPL-2.0
/*
 * Reading. Before a protected socket is open nothing passes; when it is, kTLS does the work, and
 * what is not the program's (alerts, tickets) is taken out of its way.
 */
#include "hook/receive.h"

#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "hook/patch.h"
#include "session/control.h"
#include "session/ending.h"
#include "session/judge.h"
#include "session/socket.h"
#include "session/stock.h"

/* What kTLS reads at once. */
#define SIGNET_PIECE SZ_64K

/* The stream is over, and kTLS said 0: cleanly, or did somebody cut it? */
static int receive_end(struct signet_socket *ss)
{
	if (READ_ONCE(ss->control.peer_closed) || READ_ONCE(ss->closing.shut_read))
		return 0;
	/* No FIN has come: it was reset. */
	if (!sock_flag(ss->sk, SOCK_DONE))
		return signet_control_error(ss);
	signet_session_end(ss, SIGNET_REASON_TRUNCATED);
	return READ_ONCE(ss->ending.ended) ? signet_ending_report(ss) : 0;
}

/* The session has ended while kTLS read, and has got @ret, which isn't given away. */
static int receive_ended(struct signet_socket *ss, int ret)
{
	int err = signet_ending_report(ss);

	/* kTLS itself may have taken the error from the socket. */
	if (!err && (ret > 0 || ret == ss->error))
		err = ss->error;
	return err;
}

/* False when nothing more is to be read: the session has ended, perhaps now, or the peer's part. */
static bool receive_goes_on(struct signet_socket *ss)
{
	signet_judge_key(ss);
	if (signet_control_is_broken(ss))
		signet_session_end(ss, SIGNET_REASON_BAD_RECORD);
	return !READ_ONCE(ss->ending.ended) && !READ_ONCE(ss->control.peer_closed);
}

/* One call of kTLS's recvmsg: the program's data, 0 at the end of it, or an error. */
static int receive_once(struct signet_socket *ss, struct msghdr *msg, size_t size, int flags)
{
	int ret;

	while (receive_goes_on(ss)) {
		ret = ss->ktls->recvmsg(ss->sock, msg, size, flags);
		if (ret > 0)
			WRITE_ONCE(ss->control.records, 0);
		if (ret != -EIO)
			return ret;
		/* Without a control buffer kTLS doesn't give away what isn't data. */
		signet_control_take(ss);
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/*
 * MSG_WAITALL and SO_RCVLOWAT wait here, not in kTLS, which would keep an error to itself that
 * comes behind data: it is left for the next call, as by TCP. And kTLS goes on for as long as the
 * peer is fast enough, and hears of no end meanwhile, so it gets a large buffer in pieces.
 */
static int receive_all(struct signet_socket *ss, struct msghdr *msg, size_t size, int flags)
{
	bool all = flags & MSG_WAITALL && !(flags & MSG_PEEK);
	size_t low = min_t(size_t, READ_ONCE(ss->setup.rcvlowat), size);
	size_t have = 0, piece = size;
	bool more;
	int ret;

	if (all) {
		flags &= ~MSG_WAITALL;
		low = size;
	}
	do {
		if (!(flags & MSG_PEEK))
			piece = min_t(size_t, size - have, SIGNET_PIECE);
		ret = receive_once(ss, msg, piece, flags);
		if (ret <= 0)
			break;
		have += ret;
		more = all || ret == piece || (have < low && !(flags & MSG_DONTWAIT));
		/* What is there is given away with what was waited for. */
		if (have >= low)
			flags |= MSG_DONTWAIT;
	} while (more && have < size && !(flags & MSG_PEEK));

	if (READ_ONCE(ss->ending.ended))
		return receive_ended(ss, have ?: ret);
	if (have && ret < 0)
		signet_control_put_back(ss, ret);
	if (have)
		return have;
	if (ret < 0)
		return signet_ending_error(ss, ret);
	return size ? receive_end(ss) : 0;
}

/*
 * A plaintext socket may be given back, and its reference on the module with it, while somebody is
 * still inside TCP's own operation.
 */
static int plain_recvmsg(struct signet_socket *ss, struct msghdr *msg, size_t size, int flags)
{
	int ret;

	if (READ_ONCE(ss->ending.ended))
		return signet_ending_report(ss);
	if (!signet_enter())
		return -EINTR;
	ret = ss->stock->recvmsg(ss->sock, msg, size, flags);
	signet_leave();
	return ret;
}

static ssize_t plain_splice(struct signet_socket *ss, loff_t *position,
			    struct pipe_inode_info *pipe, size_t len, unsigned int flags)
{
	ssize_t ret;

	if (READ_ONCE(ss->ending.ended))
		return signet_ending_report(ss);
	if (!signet_enter())
		return -EINTR;
	ret = ss->stock->splice_read(ss->sock, position, pipe, len, flags);
	signet_leave();
	return ret;
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
	/* Who was ended is told once. */
	if (ret && !READ_ONCE(ss->ending.ended))
		return ret;
	if (READ_ONCE(ss->plain))
		return plain_recvmsg(ss, msg, size, flags);
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

/* Has nothing come that is there to be read, and nothing will? */
static bool splice_at_end(struct sock *sk)
{
	return READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN && !sk_is_readable(sk);
}

/* As receive_once(). */
static ssize_t splice_once(struct signet_socket *ss, loff_t *position,
			   struct pipe_inode_info *pipe, size_t len, unsigned int flags)
{
	ssize_t ret;

	while (receive_goes_on(ss)) {
		ret = ss->ktls->splice_read(ss->sock, position, pipe, len, flags);
		if (ret == -EINVAL)
			/* A record that isn't data, which kTLS keeps; or what is none. */
			signet_control_take(ss);
		else if (!ret && !splice_at_end(ss->sk))
			signet_control_empty(ss);
		else
			return ret;
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return 0;
}

static ssize_t protected_splice(struct signet_socket *ss, loff_t *position,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	/* TCP goes by the socket's O_NONBLOCK, kTLS by the call's flag. */
	bool nonblock = ss->sock->file && ss->sock->file->f_flags & O_NONBLOCK;
	ssize_t ret;

	ret = signet_socket_wait(ss, sock_rcvtimeo(ss->sk, nonblock));
	/* Who was ended is told once. */
	if (ret && !READ_ONCE(ss->ending.ended))
		return ret;
	if (READ_ONCE(ss->plain))
		return plain_splice(ss, position, pipe, len, flags);
	flags &= ~SPLICE_F_NONBLOCK;
	if (nonblock)
		flags |= SPLICE_F_NONBLOCK;
	ret = splice_once(ss, position, pipe, len, flags);
	if (READ_ONCE(ss->ending.ended))
		return receive_ended(ss, ret);
	if (ret < 0)
		return signet_ending_error(ss, ret);
	if (!ret)
		return receive_end(ss);
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
