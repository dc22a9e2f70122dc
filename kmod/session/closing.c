// SPDX-License-Identifier: GPL-2.0
/*
 * The end of an open session by its own program. kTLS throws away what it couldn't hand to TCP when
 * a socket is closed, so TCP takes it before, whatever the limits of the socket are: it is little.
 */
#include "session/closing.h"

#include <linux/tcp.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "session/connection.h"
#include "session/control.h"
#include "session/ending.h"
#include "session/sending.h"
#include "session/socket.h"

/* When there is no memory: tries, and the pause between two, in which encryption may end, too. */
#define SIGNET_FLUSH_TRIES 10
#define SIGNET_FLUSH_PAUSE 1

/* When somebody holds the turn or the lock: look again after this. */
#define SIGNET_CLOSING_PAUSE (HZ / 50 + 1)

/**
 * struct signet_limits - how much TCP takes
 * @sndbuf: SO_SNDBUF
 * @lowat: TCP_NOTSENT_LOWAT
 */
struct signet_limits {
	int sndbuf;
	u32 lowat;
};

static const struct signet_limits unlimited = { .sndbuf = INT_MAX, .lowat = U32_MAX };

/* Sets the limits, unless somebody has changed them from @from. With the socket's lock held. */
static void limits_set(struct sock *sk, const struct signet_limits *from,
		       const struct signet_limits *to)
{
	if (READ_ONCE(sk->sk_sndbuf) == from->sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, to->sndbuf);
	if (READ_ONCE(tcp_sk(sk)->notsent_lowat) == from->lowat)
		WRITE_ONCE(tcp_sk(sk)->notsent_lowat, to->lowat);
}

/* Does kTLS hold anything that TCP hasn't got? With the socket's lock held. */
static bool closing_pending(struct sock *sk)
{
	struct tls_context *ctx = tls_get_ctx(sk);

	return ctx->partially_sent_record || ctx->pending_open_record_frags ||
	       !list_empty(&tls_sw_ctx_tx(ctx)->tx_list);
}

/* Can anything be sent at all? With the socket's lock held. */
static bool closing_connected(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) && !sk->sk_err &&
	       !(sk->sk_shutdown & SEND_SHUTDOWN);
}

/* One try: 0 when there is no more to do. */
static int flush_once(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;
	struct signet_limits limits;
	bool connected;
	int err = 0;

	lock_sock(sk);
	connected = closing_connected(sk);
	limits.sndbuf = sk->sk_sndbuf;
	limits.lowat = tcp_sk(sk)->notsent_lowat;
	if (connected)
		limits_set(sk, &limits, &unlimited);
	release_sock(sk);
	if (!connected)
		return 0;

	/* A record of another type pushes those before it. */
	if (!ss->closing.notified)
		err = signet_control_send_alert(ss, SIGNET_ALERT_CLOSE_NOTIFY);
	if (!err) {
		ss->closing.notified = true;
		/* kTLS's own work sends what wasn't encrypted yet, or found no memory. */
		sk->sk_write_space(sk);
		flush_delayed_work(&tls_sw_ctx_tx(tls_get_ctx(sk))->tx_work.work);
	}

	lock_sock(sk);
	limits_set(sk, &unlimited, &limits);
	if (!closing_connected(sk))
		err = 0;
	else if (!err && closing_pending(sk))
		err = -ENOMEM;
	release_sock(sk);
	return err;
}

/*
 * Gives TCP everything that kTLS holds, and close_notify behind it. The caller has the turn to
 * write, or nobody else is left. 0, or the errno of the last try, and the session is ended.
 */
static int closing_flush(struct signet_socket *ss)
{
	int tries, err;

	for (tries = 0; tries < SIGNET_FLUSH_TRIES; tries++) {
		err = flush_once(ss);
		if (!err)
			return 0;
		schedule_timeout_uninterruptible(SIGNET_FLUSH_PAUSE);
	}
	signet_session_end(ss, SIGNET_REASON_NO_MEMORY);
	return -ENOMEM;
}

/* The caller has the turn to write. */
static int closing_shut_write(struct signet_socket *ss, int how)
{
	int err = closing_flush(ss);

	return err ?: ss->stock->shutdown(ss->sock, how);
}

int signet_closing_shutdown(struct signet_socket *ss, int how)
{
	int err;

	WRITE_ONCE(ss->closing.shut_write, true);
	signet_sending_wake(ss);
	err = signet_sending_begin_killable(ss);
	if (err)
		return err;
	err = closing_shut_write(ss, how);
	signet_sending_end(ss);
	return err;
}

/* What shutdown() asked for during the handshake: false while the program holds a lock. */
static bool closing_try_shutdown(struct signet_socket *ss)
{
	if (ss->closing.notified)
		return true;
	if (sock_owned_by_user_nocheck(ss->sk) || !signet_sending_try(ss))
		return false;
	closing_shut_write(ss, SHUT_WR);
	signet_sending_end(ss);
	return true;
}

void signet_closing_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(to_delayed_work(work), struct signet_socket,
						closing.work);
	bool done;

	if (READ_ONCE(ss->ending.ended))
		return;
	done = READ_ONCE(ss->closing.shut_write) ? closing_try_shutdown(ss) :
						   signet_sending_try_push(ss);
	if (!done)
		queue_delayed_work(signet_ending_lane(ss), &ss->closing.work, SIGNET_CLOSING_PAUSE);
}

void signet_closing_resume(struct signet_socket *ss)
{
	if (READ_ONCE(ss->closing.shut_write))
		mod_delayed_work(signet_ending_lane(ss), &ss->closing.work, 0);
}

/* Half a record is none that kTLS would give away, but the program hasn't read it. */
static bool closing_half_record(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(sk));
	bool half;

	lock_sock(sk);
	half = !rx->strp.msg_ready && (rx->strp.copy_mode || tcp_inq(sk) > 0);
	release_sock(sk);
	return half;
}

/* Takes what isn't the program's from the receive queue. Is anything left that is? */
static bool closing_unread(struct signet_socket *ss)
{
	return signet_control_next(ss) != 0 || closing_half_record(ss);
}

void signet_closing_finish(struct signet_socket *ss)
{
	if (sock_flag(ss->sk, SOCK_LINGER) && !ss->sk->sk_lingertime)
		return; /* the program wants a reset, and TCP sends it */
	if (closing_unread(ss))
		signet_socket_abort(ss, -ECONNRESET);
	else if (!READ_ONCE(ss->ending.ended))
		closing_flush(ss);
}
