// SPDX-License-Identifier: GPL-2.0
/*
 * The end of an open session by its own program. kTLS throws away what it couldn't hand to TCP when
 * a socket is closed, so the socket lives on in the kernel's hands until it could.
 */
#include "session/closing.h"

#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "session/connection.h"
#include "session/control.h"
#include "session/socket.h"

/* What more there are at a time loses what kTLS still holds: they have no file to be counted by. */
#define SIGNET_ADOPTED_MAX 8192

static atomic_t signet_adopted;

/* Does kTLS hold anything that TCP hasn't got? */
static bool closing_pending(struct signet_socket *ss)
{
	struct tls_context *ctx = tls_get_ctx(ss->sk);
	struct tls_sw_context_tx *tx;
	bool pending;

	lock_sock(ss->sk);
	tx = tls_sw_ctx_tx(ctx);
	pending = ctx->partially_sent_record || !list_empty(&tx->tx_list) || tx->open_rec;
	release_sock(ss->sk);
	return pending && !READ_ONCE(ss->sk->sk_err);
}

/* Takes what isn't the program's out of the receive queue: unread, it would turn FIN into RST. */
static void closing_drain(struct signet_socket *ss)
{
	while (signet_control_take(ss) > 0)
		cond_resched();
}

bool signet_closing_flush(struct signet_socket *ss)
{
	int err = 0;

	/* Whoever writes at this moment may hold kTLS's lock for long. */
	if (atomic_read(&ss->closing.senders))
		return false;
	mutex_lock(&ss->control.lock);
	if (!ss->closing.notified) {
		err = signet_control_send_alert(ss, SIGNET_ALERT_CLOSE_NOTIFY);
		ss->closing.notified = !err;
	}
	mutex_unlock(&ss->control.lock);
	if (err)
		return err != -EAGAIN && err != -EINTR && err != -ERESTARTSYS && err != -ENOMEM;
	return !closing_pending(ss);
}

/* The program is gone, but not its data: the socket moves from its file to one of the kernel's. */
static bool closing_adopt(struct signet_socket *ss, struct socket *sock)
{
	struct sock *sk = ss->sk;
	struct socket *heir;

	if (!atomic_add_unless(&signet_adopted, 1, SIGNET_ADOPTED_MAX))
		return false;
	if (sock_create_lite(sk->sk_family, SOCK_STREAM, IPPROTO_TCP, &heir)) {
		atomic_dec(&signet_adopted);
		return false;
	}
	__module_get(ss->stock->owner); /* sock_release() gives it back */
	heir->ops = ss->stock;
	heir->state = sock->state;
	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	heir->sk = sk;
	rcu_assign_pointer(sk->sk_wq, &heir->wq);
	sk_set_socket(sk, heir);
	write_unlock_bh(&sk->sk_callback_lock);
	set_bit(SOCK_NOSPACE, &heir->flags);
	release_sock(sk);
	WRITE_ONCE(ss->sock, heir);
	/* Who ends the session at this moment may have the old socket in its hands. */
	flush_work(&ss->ending.work);
	sock->sk = NULL;

	__module_get(THIS_MODULE);
	refcount_inc(&ss->refs);
	ss->closing.deadline = jiffies + SIGNET_CLOSING_TIMEOUT;
	WRITE_ONCE(ss->closing.adopted, true);
	signet_socket_watch(ss);
	queue_delayed_work(signet_socket_wq, &ss->closing.work, 0);
	return true;
}

static void closing_finish(struct signet_socket *ss)
{
	signet_socket_unwatch(ss);
	/* A wakeup may have queued us once more while we ran. */
	cancel_delayed_work(&ss->closing.work);
	closing_drain(ss);
	if (!READ_ONCE(ss->ending.ended))
		signet_connection_event(ss, SIGNET_EVENT_KIND_CLOSED);
	signet_socket_unprotect(ss);
	sock_release(ss->sock);
	atomic_dec(&signet_adopted);
	signet_socket_put(ss);
	module_put(THIS_MODULE);
}

void signet_closing_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(to_delayed_work(work), struct signet_socket,
						closing.work);
	bool done = READ_ONCE(ss->ending.ended) || signet_closing_flush(ss);

	if (READ_ONCE(ss->closing.adopted)) {
		if (done || time_after(jiffies, ss->closing.deadline)) {
			closing_finish(ss);
			return;
		}
		closing_drain(ss);
	} else if (done) {
		ss->stock->shutdown(ss->sock, SHUT_WR);
		return;
	}
	queue_delayed_work(signet_socket_wq, &ss->closing.work, SIGNET_CLOSING_PAUSE);
}

void signet_closing_resume(struct signet_socket *ss)
{
	if (READ_ONCE(ss->closing.shut_write))
		queue_delayed_work(signet_socket_wq, &ss->closing.work, 0);
}

/* SO_LINGER: close() waits for the data, as long as the program said. */
static bool closing_linger(struct signet_socket *ss)
{
	unsigned long end = jiffies + ss->sk->sk_lingertime;

	while (!signet_closing_flush(ss)) {
		if (time_after(jiffies, end) || signal_pending(current))
			return false;
		schedule_timeout_interruptible(1);
	}
	return true;
}

bool signet_closing_begin(struct signet_socket *ss, struct socket *sock)
{
	struct sock *sk = ss->sk;

	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)
		return false; /* the program wants a reset */
	closing_drain(ss);
	if (signet_closing_flush(ss))
		return false;
	if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING) &&
	    closing_linger(ss))
		return false;
	return closing_adopt(ss, sock);
}
