// SPDX-License-Identifier: GPL-2.0
/* Alerts and post-handshake messages after the handshake. */
#include "session/control.h"

#include <linux/socket.h>
#include <linux/splice.h>
#include <linux/tls.h>
#include <net/sock.h>
#include <net/tls.h>

#include "session/connection.h"
#include "session/ending.h"
#include "session/sending.h"
#include "session/socket.h"

/* RFC 8446, 4: post-handshake messages. */
#define SIGNET_MESSAGE_NEW_SESSION_TICKET 4
#define SIGNET_MESSAGE_KEY_UPDATE 24

#define SIGNET_ALERT_LEVEL_WARNING 1
#define SIGNET_ALERT_LEVEL_FATAL 2
#define SIGNET_ALERT_SIZE 2

/* Of the module's own: a type of TLS's is a byte. */
#define SIGNET_RECORD_EMPTY 256

/* Of those that no data is between: a peer could keep us busy with nothing else. */
#define SIGNET_CONTROL_RECORDS_MAX 64

union signet_control_buffer {
	struct cmsghdr header;
	u8 space[CMSG_SPACE(sizeof(u8))];
};

/* kTLS's recvmsg with our own control buffer. Bytes read or an errno; *@type is 0 if unknown. */
static int control_receive(struct signet_socket *ss, void *to, size_t len, int flags,
			   u8 *type)
{
	union signet_control_buffer control = {};
	struct kvec vec = { to, len };
	struct msghdr msg = {
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int n;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	n = ss->ktls->recvmsg(ss->sock, &msg, len, flags | MSG_DONTWAIT);
	*type = 0;
	if (msg.msg_controllen != sizeof(control) && control.header.cmsg_level == SOL_TLS &&
	    control.header.cmsg_type == TLS_GET_RECORD_TYPE)
		*type = *(u8 *)CMSG_DATA(&control.header);
	return n;
}

/* Of a record that is decrypted and isn't data; 0 when there is none, or somebody is reading. */
static u8 control_type(struct signet_socket *ss)
{
	u8 byte, type;

	control_receive(ss, &byte, sizeof(byte), MSG_PEEK, &type);
	memzero_explicit(&byte, sizeof(byte));
	return type;
}

/* Nothing has come that could be read, and nothing will. */
static bool control_over(struct sock *sk)
{
	return (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN || sock_flag(sk, SOCK_DONE)) &&
	       !sk_is_readable(sk);
}

/*
 * The next record's type; SIGNET_RECORD_EMPTY when it was of data, without any; 0 when none is
 * there or somebody else is reading; a negative errno. Peeking would have kTLS keep each empty
 * record that has come, which nobody's buffer is charged for. A splice of nothing decrypts one
 * record, forgets it if nothing is in it, and keeps it otherwise.
 */
static int control_head(struct signet_socket *ss)
{
	const struct sk_buff_head *decrypted = &tls_sw_ctx_rx(tls_get_ctx(ss->sk))->rx_list;
	int n = ss->ktls->splice_read(ss->sock, NULL, NULL, 0, SPLICE_F_NONBLOCK);
	u8 type;

	if (n == -EINVAL) {
		type = control_type(ss);
		if (type)
			return type;
		n = -EAGAIN;
	}
	if (n == -EAGAIN)
		return signet_control_is_broken(ss) ? -EBADMSG : 0;
	if (n)
		return n;
	if (!skb_queue_empty_lockless(decrypted))
		return SIGNET_RECORD_DATA;
	return control_over(ss->sk) ? 0 : SIGNET_RECORD_EMPTY;
}

static void control_closed(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;

	WRITE_ONCE(ss->control.peer_closed, true);
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sk->sk_state_change(sk);
	release_sock(sk);
}

static void control_alert(struct signet_socket *ss, const u8 *alert, int len)
{
	if (len != SIGNET_ALERT_SIZE) {
		signet_session_violated(ss, SIGNET_ALERT_DECODE_ERROR);
		return;
	}
	switch (alert[1]) {
	case SIGNET_ALERT_CLOSE_NOTIFY:
		control_closed(ss);
		break;
	case SIGNET_ALERT_USER_CANCELED: /* close_notify follows */
		break;
	default:
		ss->alert = alert[1];
		signet_session_end(ss, SIGNET_REASON_PEER_ALERT);
	}
}

/* Which messages may come; false ends the session. */
static bool control_message(struct signet_socket *ss, u8 type)
{
	if (type == SIGNET_MESSAGE_NEW_SESSION_TICKET && ss->role == SIGNET_ROLE_CLIENT)
		return true;
	if (type == SIGNET_MESSAGE_KEY_UPDATE)
		signet_session_end(ss, SIGNET_REASON_KEY_UPDATE);
	else
		signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	return false;
}

/* Messages may share a record, and may be spread over several. Tickets are skipped. */
static void control_messages(struct signet_socket *ss, const u8 *data, size_t len)
{
	struct signet_message *message = &ss->control.message;
	size_t n;

	while (len) {
		if (message->have < sizeof(message->header)) {
			message->header[message->have++] = *data++;
			len--;
			if (message->have < sizeof(message->header))
				continue;
			if (!control_message(ss, message->header[0]))
				return;
			message->left = message->header[1] << 16 | message->header[2] << 8 |
					message->header[3];
		}
		n = min_t(size_t, len, message->left);
		message->left -= n;
		data += n;
		len -= n;
		if (!message->left)
			message->have = 0;
	}
}

/* A record without data. False when there were too many, and the session has ended. */
static bool control_count(struct signet_socket *ss)
{
	lockdep_assert_held(&ss->control.lock);
	if (++ss->control.records <= SIGNET_CONTROL_RECORDS_MAX)
		return true;
	signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	return false;
}

/* Takes a record that isn't data, and heeds it. */
static void control_heed(struct signet_socket *ss)
{
	u8 data[256];
	u8 type;
	int n;

	/* Nobody else gets past this record: their reads fail with EIO, and we hold @control. */
	n = control_receive(ss, data, sizeof(data), 0, &type);
	if (n == 0 && type)
		signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	else if (n > 0 && type == SIGNET_RECORD_ALERT)
		control_alert(ss, data, n);
	else if (n > 0 && type == SIGNET_RECORD_HANDSHAKE)
		control_messages(ss, data, n);
	else if (n > 0)
		signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
}

/* Whoever looks hasn't told the program what kTLS says of the connection. */
static void control_failed(struct signet_socket *ss, int err)
{
	lockdep_assert_held(&ss->control.lock);
	if (!signet_ending_by_error(ss, err))
		signet_control_put_back(ss, err);
}

/* What comes next when it is the program's, as signet_control_next(); or 1: something was taken. */
static int control_step(struct signet_socket *ss)
{
	int head;

	lockdep_assert_held(&ss->control.lock);
	head = READ_ONCE(ss->ending.ended) ? 0 : control_head(ss);
	if (head < 0)
		control_failed(ss, head);
	if (head <= 0 || head == SIGNET_RECORD_DATA)
		return head;
	if (control_count(ss) && head != SIGNET_RECORD_EMPTY)
		control_heed(ss);
	return 1;
}

bool signet_control_take(struct signet_socket *ss)
{
	int step;

	mutex_lock(&ss->control.lock);
	step = control_step(ss);
	mutex_unlock(&ss->control.lock);
	return step == 1;
}

int signet_control_next(struct signet_socket *ss)
{
	int step;

	do {
		mutex_lock(&ss->control.lock);
		step = control_step(ss);
		mutex_unlock(&ss->control.lock);
		cond_resched();
	} while (step == 1);
	return step;
}

int signet_control_available(struct signet_socket *ss)
{
	struct msghdr msg = {};
	int n;

	if (signet_control_next(ss) != SIGNET_RECORD_DATA || READ_ONCE(ss->control.peer_closed))
		return 0;
	iov_iter_discard(&msg.msg_iter, ITER_DEST, SIGNET_AVAILABLE_MAX);
	mutex_lock(&ss->control.lock);
	n = ss->ktls->recvmsg(ss->sock, &msg, SIGNET_AVAILABLE_MAX, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0)
		control_failed(ss, n);
	mutex_unlock(&ss->control.lock);
	return max(n, 0);
}

void signet_control_put_back(struct signet_socket *ss, int err)
{
	switch (err) {
	case -EAGAIN:
	case -EFAULT:
	case -EINTR:
	case -EIO: /* a record that isn't data */
	case -ENOMEM:
	case -ERESTARTSYS:
		break;
	default:
		cmpxchg(&ss->sk->sk_err, 0, -err);
	}
}

int signet_control_error(struct signet_socket *ss)
{
	int err;

	/* Whoever looks has put it back when we have the lock. */
	mutex_lock(&ss->control.lock);
	err = sock_error(ss->sk);
	mutex_unlock(&ss->control.lock);
	return err;
}

bool signet_control_is_broken(const struct signet_socket *ss)
{
	const struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(ss->sk));

	return rx->strp.stopped && skb_queue_empty_lockless(&rx->rx_list) &&
	       !READ_ONCE(ss->sk->sk_err);
}

void signet_control_empty(struct signet_socket *ss)
{
	mutex_lock(&ss->control.lock);
	control_count(ss);
	mutex_unlock(&ss->control.lock);
}

int signet_control_send_alert(struct signet_socket *ss, u8 alert)
{
	union signet_control_buffer control = {};
	u8 data[SIGNET_ALERT_SIZE] = {
		alert == SIGNET_ALERT_CLOSE_NOTIFY ? SIGNET_ALERT_LEVEL_WARNING :
						     SIGNET_ALERT_LEVEL_FATAL,
		alert,
	};
	struct kvec vec = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_control = &control,
		.msg_controllen = sizeof(control),
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
	};
	int n;

	control.header.cmsg_level = SOL_TLS;
	control.header.cmsg_type = TLS_SET_RECORD_TYPE;
	control.header.cmsg_len = CMSG_LEN(sizeof(u8));
	*(u8 *)CMSG_DATA(&control.header) = SIGNET_RECORD_ALERT;
	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	n = signet_sending_call(ss, &msg);
	return min(n, 0);
}
