// SPDX-License-Identifier: GPL-2.0
/* Alerts and post-handshake messages after the handshake. */
#include "session/control.h"

#include <linux/socket.h>
#include <linux/tls.h>
#include <net/sock.h>

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

int signet_control_head(struct signet_socket *ss)
{
	u8 byte, type;
	int n;

	n = control_receive(ss, &byte, sizeof(byte), MSG_PEEK, &type);
	memzero_explicit(&byte, sizeof(byte));
	/* Empty records have a type, and no byte. An empty one of data is nothing to read. */
	if (type && (n > 0 || type != SIGNET_RECORD_DATA))
		return type;
	return n == -EAGAIN || n > 0 ? 0 : n;
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

int signet_control_take(struct signet_socket *ss)
{
	u8 data[256];
	u8 type;
	int n;

	mutex_lock(&ss->control.lock);
	n = READ_ONCE(ss->ending.ended) ? 0 : signet_control_head(ss);
	if (n <= 0 || n == SIGNET_RECORD_DATA) {
		mutex_unlock(&ss->control.lock);
		/* kTLS says once that this is no record: whoever hears it ends the session. */
		if (n < 0)
			signet_ending_by_error(ss, n);
		return min(n, 0);
	}
	/* Nobody else gets past this record: their reads fail with EIO, and we hold @control. */
	n = control_receive(ss, data, sizeof(data), 0, &type);
	if (n >= 0 && ++ss->control.records > SIGNET_CONTROL_RECORDS_MAX)
		signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	else if (n == 0 && type)
		signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	else if (n > 0 && type == SIGNET_RECORD_ALERT)
		control_alert(ss, data, n);
	else if (n > 0 && type == SIGNET_RECORD_HANDSHAKE)
		control_messages(ss, data, n);
	else if (n > 0)
		signet_session_violated(ss, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	mutex_unlock(&ss->control.lock);
	return n < 0 && n != -EAGAIN ? n : 1;
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
