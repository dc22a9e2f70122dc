// SPDX-License-Identifier: GPL-2.0
/*
 * The steps from who the process is to traffic keys. They run in a work item that the socket's own
 * wait queue wakes, so that no thread waits for a peer.
 */
#include "session/handshake.h"

#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/inet_common.h>
#include <net/tcp.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "session/closing.h"
#include "session/connection.h"
#include "session/control.h"
#include "session/judge.h"
#include "session/serving.h"
#include "session/socket.h"
#include "session/takeover.h"
#include "watch/reason.h"
#include "watch/stats.h"

/**
 * struct signet_handshake - what only the handshake needs
 * @tls: the machine; a server's is made when the peer has sent something, a client's with this
 * @judged: signet_policy_judgement() before the anchors were taken
 * @refusal: of signet_revoked() and signet_policy_judge()
 * @answered: the peer has sent something
 * @taken_up: what the peer has sent is being worked on
 * @header: of the record that is being read
 * @record: all of it, once its length is known
 * @want: bytes of the record; of the header before
 * @have: bytes that were read
 */
struct signet_handshake {
	struct signet_tls *tls;
	s64 judged;
	enum signet_reason refusal;
	bool answered;
	bool taken_up;
	u8 header[SIGNET_TLS_HEADER_SIZE];
	u8 *record;
	size_t want;
	size_t have;
};

static void handshake_destroy(struct signet_handshake *handshake)
{
	if (!handshake)
		return;
	signet_tls_free(handshake->tls);
	kfree(handshake->record);
	kfree_sensitive(handshake);
}

void signet_handshake_free(struct signet_socket *ss)
{
	/* Pairs with signet_handshake_prepare(). */
	handshake_destroy(xchg(&ss->setup.handshake, NULL));
}

/*
 * Its program may hold the lock for as long as it likes, and no worker waits for a program: the
 * step is tried again in a moment. Asked when a step begins, and in it before what takes the lock
 * and can be put off; a program that takes it right then has a worker (turn.c).
 */
static bool held_up(struct signet_socket *ss)
{
	if (READ_ONCE(ss->released) || READ_ONCE(ss->plain) ||
	    signet_socket_state(ss) >= SIGNET_CONNECTION_STATE_OPEN ||
	    !sock_owned_by_user_nocheck(ss->sk))
		return false;
	ss->setup.held_up = true;
	return true;
}

void signet_handshake_resolved(struct signet_resolution *resolution)
{
	struct signet_socket *ss = container_of(resolution, struct signet_socket,
						setup.resolution);

	/* After the resolution's result. */
	smp_store_release(&ss->setup.resolved, true);
	signet_turn_ask(ss);
}

void signet_handshake_take_credential(struct signet_socket *ss)
{
	struct signet_resolution *resolution = &ss->setup.resolution;

	ss->credential = resolution->credential;
	resolution->credential = NULL;
	/* After the credential: pairs with connection.c. */
	smp_store_release(&ss->identified, true);
	if (resolution->plaintext) {
		WRITE_ONCE(ss->plain, true);
		signet_connection_event(ss, SIGNET_EVENT_KIND_PLAINTEXT);
		/* Pairs with signet_policy_changed(): it sees @plain, or we the new policy. */
		smp_mb();
		signet_judge_plain(ss);
	}
}

/* As after any other connect() that has failed: poll, SO_ERROR and the next connect() tell. */
static void not_connected(struct signet_socket *ss, int error)
{
	ss->sock->state = SS_CONNECTING;
	WRITE_ONCE(ss->sk->sk_err, -error);
}

int signet_handshake_dial(struct signet_socket *ss, bool background)
{
	struct sock *sk = ss->sk;
	int err;

	signet_socket_watch(ss);
	lock_sock(sk);
	/* It was shown as connecting while the process was being identified. */
	if (ss->sock->state == SS_CONNECTING && sk->sk_state == TCP_CLOSE)
		ss->sock->state = SS_UNCONNECTED;
	WRITE_ONCE(ss->setup.dialer, current);
	/* What is ended from here on finds a connection that it can reset. */
	if (READ_ONCE(ss->ending.ended) || READ_ONCE(ss->error))
		err = ss->error;
	else if (READ_ONCE(ss->released))
		err = -ECONNABORTED;
	else
		err = __inet_stream_connect(ss->sock, &ss->remote.any, ss->setup.remote_len,
					    O_NONBLOCK, 0);
	WRITE_ONCE(ss->setup.dialer, NULL);
	if (background && err && err != -EINPROGRESS) {
		not_connected(ss, err);
		/* In plaintext somebody may be writing: connect_forget() looks. */
		if (!ss->plain)
			signet_socket_dismiss_locked(ss, SIGNET_REASON_CONNECT_FAILED, err);
	}
	release_sock(sk);
	if (err && err != -EINPROGRESS)
		signet_socket_unwatch(ss);
	else
		/* After connect has begun. */
		smp_store_release(&ss->setup.dialed, true);
	wake_up_all(&ss->wait); /* the address is known */
	return err;
}

/*
 * Nothing changes while the lock is held: the step is put off. We hold it for all of this, as who
 * sees the error may take it at once, and keep it.
 */
static void handshake_give_up(struct signet_socket *ss, enum signet_reason reason, int error)
{
	struct sock *sk = ss->sk;

	if (!signet_trylock_sock(sk)) {
		ss->setup.held_up = true;
		return;
	}
	/* Whoever closes it once it is dismissed doesn't wait for us. */
	sock_hold(sk);
	not_connected(ss, error);
	signet_socket_dismiss_locked(ss, reason, error);
	release_sock(sk);
	sk_error_report(sk);
	signet_socket_notify(ss);
	sock_put(sk);
}

/* False when it has failed, and isn't in plaintext. */
static bool handshake_dial_in_background(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;
	int err;

	/* Whoever closes it once it is dismissed doesn't wait for us. */
	sock_hold(sk);
	err = signet_handshake_dial(ss, true);
	if (err == -EINPROGRESS)
		err = 0;
	if (err && !ss->plain) {
		sk_error_report(sk);
		signet_socket_notify(ss);
	}
	sock_put(sk);
	return !err || ss->plain;
}

/* resolving -> connecting, or in plaintext, or failed */
static bool step_resolved(struct signet_socket *ss)
{
	struct signet_resolution *resolution = &ss->setup.resolution;
	enum signet_reason refusal;
	int err;

	/* Pairs with the resolution's callback. */
	if (!smp_load_acquire(&ss->setup.resolved))
		return false;
	err = resolution->error;
	refusal = resolution->reason;
	if (!err && ss->role == SIGNET_ROLE_CLIENT && !resolution->plaintext) {
		refusal = signet_handshake_prepare(ss, resolution->credential);
		err = refusal == SIGNET_REASON_NONE ? 0 : signet_reason_errno(refusal);
	}
	if (err) {
		if (ss->role == SIGNET_ROLE_CLIENT)
			handshake_give_up(ss, refusal, err);
		else
			signet_socket_fail(ss, refusal, SIGNET_ALERT_NONE, true);
		return false;
	}
	WRITE_ONCE(ss->setup.resolved, false);
	signet_handshake_take_credential(ss);
	if (ss->role == SIGNET_ROLE_CLIENT) {
		if (!ss->plain && !signet_socket_advance(ss, SIGNET_CONNECTION_STATE_CONNECTING))
			return false;
		if (!handshake_dial_in_background(ss))
			return false;
	} else if (!ss->plain) {
		if (!signet_socket_advance(ss, SIGNET_CONNECTION_STATE_CONNECTING))
			return false;
		signet_socket_watch(ss);
	}
	if (!ss->plain)
		return true;
	signet_socket_unwatch(ss);
	signet_admission_leave(&ss->setup.admission);
	signet_socket_restore(ss);
	wake_up_all(&ss->wait);
	signet_socket_notify(ss);
	return false;
}

/* As long as TCP would try to connect, in jiffies (RFC 6298, 5: the time-out doubles from 1 s). */
static unsigned long connect_patience(const struct sock *sk)
{
	int retries = READ_ONCE(inet_csk(sk)->icsk_syn_retries);

	if (!retries)
		retries = READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syn_retries);
	if (retries <= 6)
		return ((2 << retries) - 1) * TCP_TIMEOUT_INIT;
	return ((2 << 6) - 1) * TCP_TIMEOUT_INIT + (retries - 6) * TCP_RTO_MAX;
}

/* The policy's time counts from here. */
static void handshake_set_deadline(struct signet_socket *ss)
{
	mod_timer(&ss->setup.deadline,
		  jiffies + msecs_to_jiffies(ss->setup.policy->handshake_timeout_ms));
}

/* Why nothing is to be begun with the credential that the socket got a while ago. */
static enum signet_reason credential_refusal(const struct signet_credential *credential)
{
	if (signet_credential_shared(credential))
		return SIGNET_REASON_CLONED;
	if (ktime_get_real_seconds() >= credential->not_after)
		return SIGNET_REASON_CERTIFICATE_EXPIRED;
	return SIGNET_REASON_NONE;
}

/* The peer has proven who it is; may it? */
static enum signet_tls_alert handshake_verify(void *ctx,
					      const struct signet_certificate *leaf)
{
	struct signet_socket *ss = ctx;
	struct signet_handshake *handshake = ss->setup.handshake;
	struct signet_judgement judgement = {
		.role = ss->role,
		.local_id = ss->credential->spiffe_id,
		.local_serial = ss->credential->serial,
		.peer_serial = ss->peer.serial,
		.local = &ss->local.any,
		.remote = &ss->remote.any,
	};
	struct signet_policy *policy;

	ss->peer.id = kmemdup_nul((const char *)leaf->uri.data, leaf->uri.len, GFP_KERNEL);
	if (!ss->peer.id) {
		handshake->refusal = SIGNET_REASON_NO_MEMORY;
		return SIGNET_ALERT_INTERNAL_ERROR;
	}
	judgement.peer_id = ss->peer.id;
	signet_serial_text(leaf->serial, ss->peer.serial);
	/* After the peer's ID and serial: pairs with connection.c. */
	smp_store_release(&ss->peer.known, true);

	policy = signet_policy_get(&ss->node->policy);
	if (!policy) {
		handshake->refusal = SIGNET_REASON_POLICY_DENIED;
		return SIGNET_ALERT_ACCESS_DENIED;
	}
	handshake->refusal = signet_revoked(&ss->node->policy, &judgement);
	if (handshake->refusal == SIGNET_REASON_NONE)
		handshake->refusal = signet_policy_judge(policy, &judgement);
	signet_policy_put(policy);
	return signet_reason_alert(handshake->refusal);
}

/* @anchors: NULL when it has time: signet_tls_set_anchors() */
static int handshake_begin(struct signet_socket *ss, struct signet_handshake *handshake,
			   const struct signet_credential *credential,
			   const struct signet_anchors *anchors)
{
	struct signet_tls_config config = {
		.role = ss->role == SIGNET_ROLE_CLIENT ? SIGNET_TLS_CLIENT : SIGNET_TLS_SERVER,
		.credential = &credential->tls,
		.anchors = anchors,
		.now = ktime_get_real_seconds(),
		.verify = handshake_verify,
		.ctx = ss,
	};

	handshake->tls = signet_tls_new(&config);
	return handshake->tls ? 0 : -ENOMEM;
}

static struct signet_handshake *handshake_new(void)
{
	struct signet_handshake *handshake = kzalloc(sizeof(*handshake), GFP_KERNEL);

	if (handshake)
		handshake->want = SIGNET_TLS_HEADER_SIZE;
	return handshake;
}

enum signet_reason signet_handshake_prepare(struct signet_socket *ss,
					    const struct signet_credential *credential)
{
	enum signet_reason refusal = credential_refusal(credential);
	struct signet_handshake *handshake;

	if (refusal != SIGNET_REASON_NONE)
		return refusal;
	handshake = handshake_new();
	if (!handshake || handshake_begin(ss, handshake, credential, NULL)) {
		handshake_destroy(handshake);
		return SIGNET_REASON_NO_MEMORY;
	}
	/* A step that has found the socket failed may free it from here on, and we don't look. */
	xchg(&ss->setup.handshake, handshake);
	signet_turn_hasten(ss);
	return SIGNET_REASON_NONE;
}

/* The peer may speak now. Why it won't be heard. */
static enum signet_reason handshake_ready(struct signet_socket *ss)
{
	enum signet_reason refusal = credential_refusal(ss->credential);

	if (refusal != SIGNET_REASON_NONE)
		return refusal;
	if (ss->role == SIGNET_ROLE_SERVER)
		ss->setup.handshake = handshake_new();
	if (!ss->setup.handshake)
		return SIGNET_REASON_NO_MEMORY;
	/* First, so that no later policy is taken for this one. */
	ss->setup.handshake->judged = signet_policy_judgement(&ss->node->policy);
	ss->setup.policy = signet_policy_get(&ss->node->policy);
	if (!ss->setup.policy)
		return SIGNET_REASON_POLICY_DENIED;
	if (ss->role == SIGNET_ROLE_CLIENT)
		signet_tls_set_anchors(ss->setup.handshake->tls, &ss->setup.policy->anchors);
	return SIGNET_REASON_NONE;
}

/* connecting -> handshaking, or failed */
static bool step_connected(struct signet_socket *ss)
{
	struct sock *sk = ss->sk;
	enum signet_reason refusal;

	/* Pairs with the program's connect. */
	if (ss->role == SIGNET_ROLE_CLIENT && !smp_load_acquire(&ss->setup.dialed))
		return false;
	switch (inet_sk_state_load(sk)) {
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		return false;
	case TCP_CLOSE:
		if (ss->role == SIGNET_ROLE_CLIENT) {
			handshake_give_up(ss, SIGNET_REASON_CONNECT_FAILED,
					  -READ_ONCE(sk->sk_err) ?: -ECONNABORTED);
			return false;
		}
		break;
	default:
		break;
	}

	signet_address_local(sk, &ss->local);
	signet_address_remote(sk, &ss->remote);
	refusal = handshake_ready(ss);
	if (refusal != SIGNET_REASON_NONE) {
		signet_socket_fail(ss, refusal, SIGNET_ALERT_NONE, true);
		return false;
	}
	if (!signet_socket_advance(ss, SIGNET_CONNECTION_STATE_HANDSHAKING))
		return false;
	signet_count(sock_net(sk), SIGNET_COUNT_HANDSHAKE_STARTED);
	/* A client's server may be busy for as long as one that doesn't answer its SYN. */
	if (ss->role == SIGNET_ROLE_CLIENT)
		mod_timer(&ss->setup.deadline, jiffies + connect_patience(sk));
	else
		handshake_set_deadline(ss);
	return true;
}

/* 0 when all is written; -EAGAIN; another errno when it can't be. */
static int handshake_flush(struct signet_socket *ss)
{
	struct signet_tls *tls = ss->setup.handshake->tls;
	struct signet_bytes output;
	int n;

	while ((output = signet_tls_output(tls)).len) {
		struct kvec vec = { (void *)output.data, output.len };
		struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };

		if (held_up(ss))
			return -EAGAIN;
		iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, vec.iov_len);
		n = ss->stock->sendmsg(ss->sock, &msg, vec.iov_len);
		if (n <= 0)
			return n ?: -EAGAIN;
		signet_tls_output_consume(tls, n);
	}
	return 0;
}

/* Bytes read; -EAGAIN; -ECONNRESET at the end of the stream. */
static int handshake_receive(struct signet_socket *ss, u8 *to, size_t len)
{
	struct kvec vec = { to, len };
	struct msghdr msg = {};
	int n;

	if (held_up(ss))
		return -EAGAIN;
	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	n = ss->stock->recvmsg(ss->sock, &msg, len, MSG_DONTWAIT);
	return n ?: -ECONNRESET;
}

/* Nobody is there any more who would read an answer; but what says why is worth a look. */
static bool peer_has_gone(const struct signet_socket *ss)
{
	const struct sock *sk = ss->sk;

	if (ss->role == SIGNET_ROLE_SERVER && READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
		return true;
	return READ_ONCE(sk->sk_err) && ss->setup.handshake->header[0] != SIGNET_RECORD_ALERT;
}

/*
 * The first whole record is there, and what is costly begins with it. A server waits for its turn,
 * without a deadline, as long as its peer does; a client's turn is among what was begun.
 */
static int handshake_take_up(struct signet_socket *ss)
{
	bool server = ss->role == SIGNET_ROLE_SERVER;
	int err;

	if (ss->setup.handshake->taken_up)
		return 0;
	if (server && !ss->setup.turn.begun) {
		del_timer(&ss->setup.deadline);
		signet_admission_spoke(&ss->setup.admission);
	}
	err = signet_turn_begin(ss, server ? &ss->remote : NULL);
	if (err)
		return err;
	if (peer_has_gone(ss))
		return -ECONNRESET;
	if (server)
		handshake_set_deadline(ss);
	ss->setup.handshake->taken_up = true;
	return 0;
}

/* Reads until there is one whole record, never a byte further, and feeds it. 0 or an errno. */
static int handshake_read(struct signet_socket *ss)
{
	struct signet_handshake *handshake = ss->setup.handshake;
	u8 *to;
	int n, err;

	while (handshake->have < handshake->want) {
		to = handshake->record ?: handshake->header;
		n = handshake_receive(ss, to + handshake->have,
				      handshake->want - handshake->have);
		if (n < 0)
			return n;
		if (!handshake->tls && handshake_begin(ss, handshake, ss->credential,
						       &ss->setup.policy->anchors))
			return -ENOMEM;
		if (!handshake->answered && ss->role == SIGNET_ROLE_CLIENT)
			handshake_set_deadline(ss);
		handshake->answered = true;
		handshake->have += n;
		if (handshake->record || handshake->have < SIGNET_TLS_HEADER_SIZE)
			continue;
		n = signet_tls_record_length(handshake->tls, handshake->header);
		if (n < 0)
			break; /* the machine fails on the header alone, with the right alert */
		handshake->want += n;
		handshake->record = kmalloc(handshake->want, GFP_KERNEL);
		if (!handshake->record)
			return -ENOMEM;
		memcpy(handshake->record, handshake->header, SIGNET_TLS_HEADER_SIZE);
	}
	err = handshake_take_up(ss);
	if (err)
		return err;
	/* It may have waited for its turn, or the machine may have slept. */
	signet_tls_set_time(handshake->tls, ktime_get_real_seconds());
	signet_tls_input(handshake->tls, handshake->record ?: handshake->header, handshake->have);
	kfree(handshake->record);
	handshake->record = NULL;
	handshake->want = SIGNET_TLS_HEADER_SIZE;
	handshake->have = 0;
	return 0;
}

/* handshaking -> failed */
static void handshake_failed(struct signet_socket *ss)
{
	struct signet_handshake *handshake = ss->setup.handshake;
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	enum signet_x509_fault x509 = SIGNET_X509_OK;
	enum signet_tls_fault fault;
	enum signet_reason reason;

	fault = signet_tls_fault(handshake->tls, &alert, &x509);
	reason = signet_reason_of_fault(fault, x509);
	if (fault == SIGNET_TLS_REFUSED && handshake->refusal != SIGNET_REASON_NONE)
		reason = handshake->refusal;
	signet_socket_fail(ss, reason, alert, fault == SIGNET_TLS_NOT_TLS);
}

/* kTLS doesn't take the connection, or the keys. */
static void handshake_not_taken(struct signet_socket *ss, int err)
{
	enum signet_reason reason = SIGNET_REASON_KTLS;

	if (err == -ENOTCONN)
		reason = SIGNET_REASON_PEER_CLOSED;
	else if (err == -ENOMEM)
		reason = SIGNET_REASON_NO_MEMORY;
	signet_socket_fail(ss, reason, SIGNET_ALERT_NONE, true);
}

/* handshaking -> accepting, or failed; and then open, or ended */
static void handshake_finished(struct signet_socket *ss)
{
	struct signet_tls_result result;
	s64 judged = ss->setup.handshake->judged;
	int err;

	err = signet_tls_take(ss->setup.handshake->tls, &result);
	if (!err)
		err = signet_takeover_finish(ss, &result);
	ss->peer.cipher = result.cipher;
	ss->peer.group = result.group;
	ss->peer.alpn = result.signet_alpn;
	memzero_explicit(&result, sizeof(result));
	if (err) {
		handshake_not_taken(ss, err);
		return;
	}

	del_timer(&ss->setup.deadline);
	signet_socket_unwatch(ss);
	signet_turn_leave(ss);
	signet_handshake_free(ss);
	signet_count(sock_net(ss->sk), SIGNET_COUNT_HANDSHAKE_FINISHED);

	if (!signet_socket_advance(ss, SIGNET_CONNECTION_STATE_ACCEPTING))
		return;
	/* Not before: has_place() in serving.c. */
	signet_admission_leave(&ss->setup.admission);
	signet_ending_limit_age(ss, ss->setup.policy->max_session_age_s);
	/*
	 * Pairs with signet_policy_changed() and signet_judge_cloned(): they find us accepting, or
	 * we see the change.
	 */
	smp_mb();
	signet_judge_key(ss);
	if (signet_policy_judgement(&ss->node->policy) != judged)
		signet_judge_session(ss, ss->setup.policy);
	signet_policy_put(ss->setup.policy);
	ss->setup.policy = NULL;
	if (!ss->setup.early)
		signet_socket_open(ss);
}

static void handshake_broken(struct signet_socket *ss, int err)
{
	enum signet_reason reason = SIGNET_REASON_PEER_CLOSED;

	if (err == -ENOMEM)
		reason = SIGNET_REASON_NO_MEMORY;
	signet_socket_fail(ss, reason, SIGNET_ALERT_NONE, true);
}

/*
 * The first answer to the peer is about to leave. kTLS takes established connections only, and as
 * soon as the peer has the answer its FIN may come. False when it has failed, or can't be now.
 */
static bool handshake_attach(struct signet_socket *ss)
{
	int err;

	if (ss->setup.attached || !ss->setup.handshake->taken_up)
		return true;
	err = signet_takeover_prepare(ss);
	if (!err && held_up(ss))
		return false;
	if (!err)
		err = signet_takeover_begin(ss);
	WRITE_ONCE(ss->setup.attached, !err);
	if (err)
		handshake_not_taken(ss, err);
	return !err;
}

/* handshaking: as far as it goes without waiting */
static bool step_handshake(struct signet_socket *ss)
{
	struct signet_handshake *handshake = ss->setup.handshake;
	enum signet_tls_state state;
	int err;

	for (;;) {
		state = SIGNET_TLS_NEED_RECORD;
		err = 0;
		if (handshake->tls) {
			state = signet_tls_state(handshake->tls);
			if (state != SIGNET_TLS_FAILED && !handshake_attach(ss))
				return false;
			err = handshake_flush(ss);
		}
		if (state == SIGNET_TLS_FAILED && err != -EAGAIN) {
			handshake_failed(ss);
			return false;
		}
		if (!err && state == SIGNET_TLS_DONE) {
			if (!held_up(ss))
				handshake_finished(ss);
			return false;
		}
		if (!err)
			err = handshake_read(ss);
		if (err == -EAGAIN)
			return false;
		if (err) {
			handshake_broken(ss, err);
			return false;
		}
		cond_resched();
		if (READ_ONCE(ss->released))
			return false;
	}
}

static bool handshake_step(struct signet_socket *ss)
{
	enum signet_connection_state state = signet_socket_state(ss);

	/* Pairs with the resolution's callback. */
	if (ss->setup.accepted && smp_load_acquire(&ss->setup.resolved) &&
	    state <= SIGNET_CONNECTION_STATE_ACCEPTING)
		signet_serving_accepted(ss);
	switch (signet_socket_state(ss)) {
	case SIGNET_CONNECTION_STATE_RESOLVING:
		return !READ_ONCE(ss->plain) && step_resolved(ss);
	case SIGNET_CONNECTION_STATE_CONNECTING:
		return step_connected(ss);
	case SIGNET_CONNECTION_STATE_HANDSHAKING:
		return step_handshake(ss);
	default:
		return false;
	}
}

/* Whoever makes its ClientHello, and dials, asks for the next step when that is done. */
static bool being_dialed(const struct signet_socket *ss)
{
	return ss->role == SIGNET_ROLE_CLIENT && !READ_ONCE(ss->plain) &&
	       signet_socket_state(ss) == SIGNET_CONNECTION_STATE_CONNECTING &&
	       /* Pairs with signet_handshake_dial(). */
	       !smp_load_acquire(&ss->setup.dialed);
}

void signet_handshake_work(struct work_struct *work)
{
	struct signet_socket *ss = container_of(work, struct signet_socket, setup.work);
	enum signet_reason expired = READ_ONCE(ss->setup.expired);

	/*
	 * It may have been queued once more by a wakeup from before the socket failed, was released
	 * or given back: then there is nothing to do, and the struct sock may be gone.
	 */
	ss->setup.held_up = false;
	if (being_dialed(ss)) {
		signet_turn_over(ss, false);
		return;
	}
	if (held_up(ss)) {
		/* What has waited for its program for so long takes nobody's place. */
		if (signet_turn_has_lost_place(ss))
			signet_admission_leave(&ss->setup.admission);
		signet_turn_over(ss, true);
		return;
	}
	if (expired && !READ_ONCE(ss->released) && !READ_ONCE(ss->plain))
		signet_socket_fail(ss, expired, SIGNET_ALERT_NONE, true);
	while (!READ_ONCE(ss->released) && handshake_step(ss))
		;
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_FAILED)
		signet_handshake_free(ss);
	if (ss->setup.left)
		signet_serving_left(ss);
	signet_turn_over(ss, ss->setup.held_up);
}
