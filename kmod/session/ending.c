// SPDX-License-Identifier: GPL-2.0
/* How the module ends a session that is open. */
#include "session/ending.h"

#include <linux/wait.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "identity/node.h"
#include "session/connection.h"
#include "session/control.h"
#include "session/socket.h"
#include "watch/reason.h"

/*
 * tcp_abort() takes the socket's lock, and no kernel exports what would do the same without. So it
 * is called when nobody has the lock, and a program that takes it in that moment and then makes the
 * kernel wait (a page of a file system of its own) has one of our workers. That is why endings have
 * queues of their own, a user's sessions share one, and a queue has few workers: the others of that
 * queue are closed later, but they are blocked like all. What else of a session takes its lock, and
 * isn't waited for, runs there, too.
 */
#define SIGNET_ENDING_LANES 16
#define SIGNET_ENDING_WORKERS 4

/* Between two looks at a lock that is held. */
#define SIGNET_ENDING_PAUSE (HZ / 4)

#define SIGNET_ENDING_SETTLE (HZ / 2)

/* Sessions that get too old at about the same time are woken for once. */
#define SIGNET_ENDING_SLACK (NSEC_PER_SEC / 10)

static struct workqueue_struct *lanes[SIGNET_ENDING_LANES];
static struct workqueue_struct *ages;

/* Sessions that have ended and weren't tried to be closed yet. */
static atomic_t untried = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(all_tried);

/*
 * Who is inside fails at its next push, and who waits inside wakes up. With our lock held, under
 * which the struct sock is there, and without the socket's: whoever has that may change sk_shutdown
 * at the same time and undo it, so it is done again at each look.
 */
static void block(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;

	lockdep_assert_held(&ss->lock);
	spin_lock_bh(&sk->sk_lock.slock);
	if (sk->sk_state != TCP_CLOSE) {
		if (!READ_ONCE(ss->ending.told))
			WRITE_ONCE(sk->sk_err, -ss->error);
		WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
		sk_error_report(sk);
		ss->ending.blocked = true;
	}
	spin_unlock_bh(&sk->sk_lock.slock);
}

static unsigned int lane_of(const struct sock *sk)
{
	return __kuid_val(sock_net_uid(sock_net(sk), sk)) % SIGNET_ENDING_LANES;
}

struct workqueue_struct *signet_ending_lane(const struct signet_socket *ss)
{
	return lanes[lane_of(ss->sk)];
}

static bool may_end(const struct signet_socket *ss)
{
	bool accepting = ss->state == SIGNET_CONNECTION_STATE_ACCEPTING && !ss->error;

	return (accepting || ss->state == SIGNET_CONNECTION_STATE_OPEN ||
		ss->state == SIGNET_CONNECTION_STATE_CLOSING || ss->plain) &&
	       !ss->ending.ended && !ss->gone;
}

static void session_end(struct signet_socket *ss, enum signet_reason reason,
			enum signet_tls_alert alert)
{
	struct sock *sk = ss->sk;

	spin_lock(&ss->lock);
	if (!may_end(ss)) {
		spin_unlock(&ss->lock);
		return;
	}
	ss->reason = reason;
	ss->error = signet_reason_errno(reason);
	if (ss->plain)
		alert = SIGNET_ALERT_NONE;
	if (alert != SIGNET_ALERT_NONE)
		ss->alert = alert;
	ss->ending.alert = alert;
	ss->ending.lane = lane_of(sk);
	atomic_inc(&ss->node->ending);
	atomic_inc(&untried);
	/* After the error and the alert that go with it. */
	smp_store_release(&ss->ending.ended, true);
	/* Pairs with send_some(): nobody enters kTLS's sendmsg from here on. */
	smp_mb();
	if (ss->plain || atomic_read(&ss->closing.senders))
		block(ss);
	queue_delayed_work(lanes[ss->ending.lane], &ss->ending.work, 0);
	spin_unlock(&ss->lock);
}

void signet_session_end(struct signet_socket *ss, enum signet_reason reason)
{
	session_end(ss, reason, signet_reason_alert(reason));
}

void signet_session_violated(struct signet_socket *ss, enum signet_tls_alert alert)
{
	session_end(ss, SIGNET_REASON_PROTOCOL, alert);
}

int signet_ending_report(struct signet_socket *ss)
{
	/* The error is on the socket before it is closed. */
	bool closed = inet_sk_state_load(ss->sk) == TCP_CLOSE;
	int err = sock_error(ss->sk);

	if (closed)
		return err;
	WRITE_ONCE(ss->ending.told, true);
	return err ?: ss->error;
}

bool signet_ending_by_error(struct signet_socket *ss, int err)
{
	switch (err) {
	case -EMSGSIZE:
		signet_session_violated(ss, SIGNET_ALERT_RECORD_OVERFLOW);
		return true;
	case -EBADMSG:
	case -EINVAL:
		signet_session_end(ss, SIGNET_REASON_BAD_RECORD);
		return true;
	default:
		return false;
	}
}

int signet_ending_error(struct signet_socket *ss, int err)
{
	return signet_ending_by_error(ss, err) ? signet_ending_report(ss) ?: err : err;
}

static void try_again(struct signet_socket *ss, unsigned long delay)
{
	mod_delayed_work(lanes[ss->ending.lane], &ss->ending.work, delay);
}

void signet_ending_look(struct signet_socket *ss)
{
	if (!READ_ONCE(ss->ending.ended))
		return;
	spin_lock(&ss->lock);
	if (!ss->gone)
		try_again(ss, 0);
	spin_unlock(&ss->lock);
}

static void close_ended(struct signet_socket *ss)
{
	/* Whoever is inside may be in the middle of a record; then the peer just gets a reset. */
	if (ss->ending.alert != SIGNET_ALERT_NONE && !ss->ending.blocked && !ss->closing.notified)
		signet_control_send_alert(ss, ss->ending.alert);
	signet_socket_abort(ss, ss->error);
	if (READ_ONCE(ss->ending.told))
		sock_error(ss->sk);
	WRITE_ONCE(ss->ending.closed, true);
	atomic_dec(&ss->node->ending);
}

/* The program is told, and those who follow events. */
static void tell(struct signet_socket *ss)
{
	ss->ending.tried = true;
	signet_connection_event(ss, SIGNET_EVENT_KIND_ENDED);
	wake_up_all(&ss->wait);
	if (atomic_dec_and_test(&untried))
		wake_up_all(&all_tried);
}

static void ending_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(to_delayed_work(work), struct signet_socket,
						ending.work);

	if (ss->ending.closed)
		return;
	if (!sock_owned_by_user_nocheck(ss->sk)) {
		close_ended(ss);
	} else {
		spin_lock(&ss->lock);
		block(ss);
		spin_unlock(&ss->lock);
		queue_delayed_work(lanes[ss->ending.lane], &ss->ending.work, SIGNET_ENDING_PAUSE);
	}
	if (!ss->ending.tried)
		tell(ss);
}

void signet_ending_finish(struct signet_socket *ss)
{
	cancel_delayed_work_sync(&ss->ending.work);
	if (!ss->ending.ended || ss->ending.closed)
		return;
	close_ended(ss);
	if (!ss->ending.tried)
		tell(ss);
}

void signet_ending_settle(void)
{
	wait_event_timeout(all_tried, !atomic_read(&untried), SIGNET_ENDING_SETTLE);
}

/* In softirq. */
static enum hrtimer_restart too_old(struct hrtimer *timer)
{
	struct signet_socket *ss = container_of(timer, struct signet_socket, ending.age);

	queue_work(ages, &ss->ending.retire);
	return HRTIMER_NORESTART;
}

static void retire(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, ending.retire);

	signet_session_end(ss, SIGNET_REASON_MAX_AGE);
}

void signet_ending_prepare(struct signet_ending *ending)
{
	signet_hrtimer_setup(&ending->age, too_old, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
	INIT_WORK(&ending->retire, retire);
	INIT_DELAYED_WORK(&ending->work, ending_work);
}

void signet_ending_limit_age(struct signet_socket *ss, u32 seconds)
{
	ktime_t until = ktime_add(ktime_get_boottime(), ktime_set(seconds, 0));

	/* For who looks from the side: signet_ending_by_age(). */
	WRITE_ONCE(ss->ending.until, until);
	hrtimer_start_range_ns(&ss->ending.age, until, SIGNET_ENDING_SLACK,
			       HRTIMER_MODE_ABS_SOFT);
}

void signet_ending_forget_age(struct signet_socket *ss)
{
	hrtimer_cancel(&ss->ending.age);
	cancel_work_sync(&ss->ending.retire);
}

void signet_ending_by_age(struct signet_socket *ss)
{
	ktime_t until = READ_ONCE(ss->ending.until);

	if (until && ktime_compare(ktime_get_boottime(), until) >= 0)
		signet_session_end(ss, SIGNET_REASON_MAX_AGE);
}

int signet_ending_init(void)
{
	unsigned int i;

	ages = alloc_workqueue("signet_age", WQ_UNBOUND, 0);
	if (!ages)
		return -ENOMEM;
	for (i = 0; i < SIGNET_ENDING_LANES; i++) {
		lanes[i] = alloc_workqueue("signet_end/%u", WQ_UNBOUND, SIGNET_ENDING_WORKERS, i);
		if (!lanes[i]) {
			signet_ending_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

void signet_ending_exit(void)
{
	unsigned int i;

	for (i = 0; i < SIGNET_ENDING_LANES && lanes[i]; i++)
		destroy_workqueue(lanes[i]);
	destroy_workqueue(ages);
}
