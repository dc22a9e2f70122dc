// SPDX-License-Identifier: GPL-2.0
/* How the module ends a session that is open. */
#include "session/ending.h"

#include <net/inet_sock.h>
#include <net/tcp_states.h>

#include "session/connection.h"
#include "session/control.h"
#include "session/socket.h"
#include "watch/reason.h"

void signet_session_end(struct signet_socket *ss, enum signet_reason reason, u8 alert)
{
	enum signet_connection_state state;

	spin_lock(&ss->lock);
	state = ss->state;
	if ((state == SIGNET_CONNECTION_STATE_OPEN || state == SIGNET_CONNECTION_STATE_CLOSING ||
	     ss->plain) && !ss->ending.ended && !ss->gone) {
		ss->reason = reason;
		ss->error = signet_reason_errno(reason);
		if (alert != SIGNET_ALERT_NONE)
			ss->alert = alert;
		ss->ending.alert = alert;
		/* After the error and the alert that go with it. */
		smp_store_release(&ss->ending.ended, true);
		queue_work(signet_socket_wq, &ss->ending.work);
	}
	spin_unlock(&ss->lock);
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

void signet_ending_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, ending.work);

	/* Pairs with send_begin(): nobody enters kTLS's sendmsg from here on. */
	smp_mb();
	/* Who is inside may hold its lock until there is room; then the peer just gets a reset. */
	if (ss->ending.alert != SIGNET_ALERT_NONE && !ss->plain && !ss->closing.notified &&
	    !atomic_read(&ss->closing.senders))
		signet_control_send_alert(ss, ss->ending.alert);
	signet_socket_abort(ss, ss->error);
	if (READ_ONCE(ss->ending.told))
		sock_error(ss->sk);
	signet_connection_event(ss, SIGNET_EVENT_KIND_ENDED);
	wake_up_all(&ss->wait);
}

/* In softirq. */
void signet_ending_too_old(struct timer_list *timer)
{
	struct signet_socket *ss = from_timer(ss, timer, ending.age);

	queue_work(signet_socket_wq, &ss->ending.retire);
}

void signet_ending_retire(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, ending.retire);

	signet_session_end(ss, SIGNET_REASON_MAX_AGE, SIGNET_ALERT_USER_CANCELED);
}
