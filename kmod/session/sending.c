// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody waits inside kTLS, which holds its locks meanwhile: it is called with MSG_DONTWAIT, and
 * who has to wait does it here, where a shutdown, an end or a signal is heard of.
 */
#include "session/sending.h"

#include <linux/random.h>
#include <linux/sched/signal.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "session/ending.h"
#include "session/socket.h"

/* As long as TCP keeps back what MSG_MORE left. */
#define SIGNET_MORE_DELAY (HZ / 5)

#define SIGNET_TURN 0

bool signet_sending_try(struct signet_socket *ss)
{
	return !test_and_set_bit_lock(SIGNET_TURN, &ss->sending.turn);
}

/* For who doesn't wait: whoever gives the turn away sees @refused, or we see that it is free. */
static int sending_refuse(struct signet_socket *ss)
{
	WRITE_ONCE(ss->sending.refused, true);
	set_bit(SOCK_NOSPACE, &ss->sock->flags);
	/* Pairs with signet_sending_end(). */
	smp_mb();
	return signet_sending_try(ss) ? 0 : -EAGAIN;
}

int signet_sending_begin(struct signet_socket *ss, long *timeout)
{
	long left;

	if (signet_sending_try(ss))
		return 0;
	if (!*timeout)
		return sending_refuse(ss);
	left = wait_event_interruptible_timeout(ss->wait, signet_sending_try(ss), *timeout);
	if (left == -ERESTARTSYS)
		return sock_intr_errno(*timeout);
	*timeout = left;
	return left ? 0 : -EAGAIN;
}

int signet_sending_begin_killable(struct signet_socket *ss)
{
	return wait_event_killable(ss->wait, signet_sending_try(ss)) ? -EINTR : 0;
}

void signet_sending_end(struct signet_socket *ss)
{
	clear_bit_unlock(SIGNET_TURN, &ss->sending.turn);
	/* Pairs with sending_refuse(), and with who has begun to wait. */
	smp_mb__after_atomic();
	if (waitqueue_active(&ss->wait)) /* behind the barrier */
		wake_up(&ss->wait);
	if (READ_ONCE(ss->sending.refused)) {
		WRITE_ONCE(ss->sending.refused, false);
		ss->sk->sk_write_space(ss->sk);
	}
}

int signet_sending_call(struct signet_socket *ss, struct msghdr *msg)
{
	struct mutex *lock = &tls_get_ctx(ss->sk)->tx_lock;
	int n;

	/* With a signal pending kTLS doesn't wait for its lock, not even for its own work. */
	while ((n = ss->ktls->sendmsg(ss->sock, msg, msg_data_left(msg))) == -EINTR) {
		mutex_lock(lock);
		mutex_unlock(lock);
	}
	return n;
}

bool signet_sending_is_over(const struct signet_socket *ss)
{
	const struct sock *sk = ss->sk;

	return READ_ONCE(ss->closing.shut_write) || READ_ONCE(ss->ending.ended) ||
	       READ_ONCE(sk->sk_err) || READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN;
}

/* TCP wakes who waits when a third is free, and if SOCK_NOSPACE was set before. */
static bool sending_may(struct signet_socket *ss)
{
	set_bit(SOCK_NOSPACE, &ss->sock->flags);
	/* Pairs with tcp_check_space(), and with signet_sending_wake(). */
	smp_mb__after_atomic();
	return sk_stream_memory_free(ss->sk) || signet_sending_is_over(ss);
}

/* There is room, but no memory: as long as sk_stream_wait_memory() waits then. */
static int sending_pause(long *timeout)
{
	long pause = min_t(long, *timeout, get_random_u32() % (HZ / 5) + 2);
	long left = schedule_timeout_interruptible(pause);

	if (signal_pending(current))
		return sock_intr_errno(*timeout);
	if (*timeout != MAX_SCHEDULE_TIMEOUT)
		*timeout -= pause - left;
	return 0;
}

int signet_sending_wait(struct signet_socket *ss, long *timeout, bool starved)
{
	struct wait_queue_head *head = sk_sleep(ss->sk);
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	if (starved && sending_may(ss))
		return *timeout ? sending_pause(timeout) : -EAGAIN;
	add_wait_queue(head, &wait);
	while (!sending_may(ss)) {
		if (!*timeout)
			err = -EAGAIN;
		else if (signal_pending(current))
			err = sock_intr_errno(*timeout);
		if (err)
			break;
		*timeout = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeout);
	}
	remove_wait_queue(head, &wait);
	return err;
}

void signet_sending_wake(struct signet_socket *ss)
{
	/* Pairs with sending_may(). */
	smp_mb();
	if (test_bit(SIGNET_TURN, &ss->sending.turn))
		wake_up_interruptible_all(sk_sleep(ss->sk));
}

void signet_sending_more(struct signet_socket *ss)
{
	if (READ_ONCE(tls_get_ctx(ss->sk)->pending_open_record_frags))
		queue_delayed_work(signet_ending_lane(ss), &ss->closing.work, SIGNET_MORE_DELAY);
}

/* With kTLS's and the socket's lock held. What TCP has no room for, kTLS sends when it has. */
static void push_locked(struct signet_socket *ss, struct tls_context *ctx)
{
	if (signet_sending_is_over(ss))
		return;
	if (ctx->pending_open_record_frags)
		ctx->push_pending_record(ss->sk, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* There was no memory. */
	signet_sending_more(ss);
}

void signet_sending_push(struct signet_socket *ss)
{
	struct tls_context *ctx = tls_get_ctx(ss->sk);

	if (!READ_ONCE(ctx->pending_open_record_frags) || mutex_lock_killable(&ctx->tx_lock))
		return;
	lock_sock(ss->sk);
	push_locked(ss, ctx);
	release_sock(ss->sk);
	mutex_unlock(&ctx->tx_lock);
}

bool signet_sending_try_push(struct signet_socket *ss)
{
	struct tls_context *ctx = tls_get_ctx(ss->sk);
	bool free = false;

	if (!READ_ONCE(ctx->pending_open_record_frags))
		return true;
	if (!mutex_trylock(&ctx->tx_lock))
		return false;
	if (signet_trylock_sock(ss->sk)) {
		push_locked(ss, ctx);
		release_sock(ss->sk);
		free = true;
	}
	mutex_unlock(&ctx->tx_lock);
	return free;
}
