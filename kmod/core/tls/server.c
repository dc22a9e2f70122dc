// SPDX-License-Identifier: GPL-2.0
/* The server's side (RFC 8446, 4 and A.2). */
#include "core/tls/internal.h"

/* The first of ours that the peer's vector holds; 0 for none. */
static u16 choose(const u16 *ours, unsigned int count, struct signet_bytes theirs)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (signet_u16s_hold(theirs, ours[i]))
			return ours[i];
	}
	return 0;
}

/* The peer's share for @group, empty when there is none. */
static struct signet_bytes share_of(const struct tls_client_hello *hello, u16 group)
{
	struct signet_reader shares = signet_reader_of(hello->shares);

	while (shares.left) {
		u16 found = signet_read_number(&shares, 2);
		struct signet_bytes share = signet_read_vector(&shares, 2, 1, 0xffff);

		if (found == group)
			return share;
	}
	return (struct signet_bytes){};
}

static bool offers_protocol(const struct tls_client_hello *hello)
{
	struct signet_reader names = signet_reader_of(hello->protocols);

	while (names.left) {
		struct signet_bytes name = signet_read_vector(&names, 1, 1, 255);

		if (name.len == strlen(SIGNET_TLS_ALPN) &&
		    !memcmp(name.data, SIGNET_TLS_ALPN, name.len))
			return true;
	}
	return false;
}

/*
 * Cipher and group. A group of which the client sent a share goes before one that costs a round
 * trip. 0, or an errno after failing.
 */
static int negotiate(struct signet_tls *tls, const struct tls_client_hello *hello)
{
	const struct signet_tls_parameters *offer = &tls->parameters;
	u16 cipher = choose(offer->ciphers, offer->cipher_count, hello->ciphers);
	u16 group = 0;
	unsigned int i;

	for (i = 0; i < offer->group_count && !group; i++) {
		if (share_of(hello, offer->groups[i]).len)
			group = offer->groups[i];
	}
	if (!group)
		group = choose(offer->groups, offer->group_count, hello->groups);
	if (!cipher || !group ||
	    !signet_u16s_hold(hello->signature_algorithms, TLS_ECDSA_SECP256R1_SHA256))
		return signet_tls_fail(tls, SIGNET_TLS_NO_SHARED_PARAMETERS,
				       SIGNET_ALERT_HANDSHAKE_FAILURE);
	if (tls->retried) {
		/* Only what we asked for may differ from the first (RFC 8446, 4.1.2 and 4.2.8). */
		if (cipher != tls->cipher || group != tls->group ||
		    hello->shares.len != 2 + 2 + share_of(hello, group).len ||
		    memcmp(hello->random, tls->random, sizeof(tls->random)) ||
		    hello->session_id.len != tls->session_id_len ||
		    memcmp(hello->session_id.data, tls->session_id, tls->session_id_len))
			return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
		return 0;
	}
	tls->cipher = cipher;
	tls->group = group;
	memcpy(tls->random, hello->random, sizeof(tls->random));
	memcpy(tls->session_id, hello->session_id.data, hello->session_id.len);
	tls->session_id_len = hello->session_id.len;
	tls->compatibility = tls->session_id_len != 0;
	return 0;
}

static int ask_again(struct signet_tls *tls)
{
	int err;

	tls->retried = true;
	signet_tls_transcript_retry(tls);
	signet_server_hello_write(tls, NULL);
	err = signet_tls_flush(tls);
	return err ? err : signet_tls_compatibility_write(tls);
}

/* ServerHello; from then on both directions are protected. */
static int write_hello(struct signet_tls *tls, struct signet_bytes peer_share)
{
	u8 shared[SIGNET_SHARED_SECRET_SIZE];
	struct signet_key_share share;
	int err;

	err = signet_key_share_make(&share, tls->group);
	if (err)
		return signet_tls_broken(tls, err);
	err = signet_key_share_agree(&share, peer_share.data, peer_share.len, shared);
	signet_wipe(share.secret, sizeof(share.secret));
	if (err == -EINVAL)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	if (err)
		return signet_tls_broken(tls, err);
	signet_server_hello_write(tls, &share);
	err = signet_tls_flush(tls);
	if (!err)
		err = signet_tls_compatibility_write(tls);
	if (!err)
		signet_tls_handshake_keys(tls, shared, sizeof(shared));
	signet_wipe(shared, sizeof(shared));
	return err;
}

static void write_encrypted_extensions(struct signet_tls *tls)
{
	size_t message = signet_tls_message_begin(tls, TLS_ENCRYPTED_EXTENSIONS);
	size_t extensions = signet_put_open(&tls->flight, 2);

	if (tls->signet_alpn) {
		signet_put_number(&tls->flight, TLS_EXT_ALPN, 2);
		signet_put_number(&tls->flight, 2 + 1 + strlen(SIGNET_TLS_ALPN), 2);
		signet_put_number(&tls->flight, 1 + strlen(SIGNET_TLS_ALPN), 2);
		signet_put_number(&tls->flight, strlen(SIGNET_TLS_ALPN), 1);
		signet_put_bytes(&tls->flight, SIGNET_TLS_ALPN, strlen(SIGNET_TLS_ALPN));
	}
	signet_put_close(&tls->flight, extensions, 2);
	signet_tls_message_end(tls, message);
}

static void write_certificate_request(struct signet_tls *tls)
{
	size_t message = signet_tls_message_begin(tls, TLS_CERTIFICATE_REQUEST);
	size_t extensions;

	signet_put_number(&tls->flight, 0, 1); /* certificate_request_context */
	extensions = signet_put_open(&tls->flight, 2);
	signet_put_signature_algorithms(&tls->flight);
	signet_put_close(&tls->flight, extensions, 2);
	signet_tls_message_end(tls, message);
}

static int read_client_hello(struct signet_tls *tls, const struct tls_message *message)
{
	struct tls_client_hello hello;
	enum signet_tls_alert alert;
	struct signet_bytes share;
	int err;

	alert = signet_client_hello_parse(&hello, message->body);
	if (alert == SIGNET_ALERT_PROTOCOL_VERSION)
		return signet_tls_fail(tls, SIGNET_TLS_NO_SHARED_PARAMETERS, alert);
	if (alert != SIGNET_ALERT_NONE)
		return signet_tls_violation(tls, alert);
	/* We never gave out a ticket that allows it, so no client of ours sends it. */
	if (hello.early_data)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	err = negotiate(tls, &hello);
	if (err)
		return err;
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	share = share_of(&hello, tls->group);
	if (!share.len)
		return tls->retried ?
			       signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER) :
			       ask_again(tls);
	tls->signet_alpn = tls->parameters.alpn && offers_protocol(&hello);

	err = write_hello(tls, share);
	if (err)
		return err;
	write_encrypted_extensions(tls);
	write_certificate_request(tls);
	err = signet_tls_authenticate(tls);
	if (err)
		return err;
	signet_tls_finished_write(tls);
	err = signet_tls_flush(tls);
	if (err)
		return err;
	signet_tls_application_keys(tls, &tls->application, &tls->tx.keys);
	tls->step = TLS_WAIT_CERTIFICATE;
	return 0;
}

/* Says to a client that speaks "signet/1" that we accept it. Lifetime 0: it resumes nothing. */
static int write_ticket(struct signet_tls *tls)
{
	size_t message = signet_tls_message_begin(tls, TLS_NEW_SESSION_TICKET);

	signet_put_number(&tls->flight, 0, 4); /* ticket_lifetime */
	signet_put_number(&tls->flight, 0, 4); /* ticket_age_add */
	signet_put_number(&tls->flight, 0, 1); /* ticket_nonce */
	signet_put_number(&tls->flight, 1, 2); /* ticket: one byte, the least there can be */
	signet_put_number(&tls->flight, 0, 1);
	signet_put_number(&tls->flight, 0, 2); /* extensions */
	signet_tls_message_end(tls, message);
	return signet_tls_flush(tls);
}

static int read_finished(struct signet_tls *tls, const struct tls_message *message)
{
	int err = signet_tls_finished_read(tls, message);

	if (err)
		return err;
	tls->rx.keys = tls->application;
	if (tls->signet_alpn) {
		err = write_ticket(tls);
		if (err)
			return err;
	}
	signet_tls_finish(tls);
	return 0;
}

int signet_server_message(struct signet_tls *tls, const struct tls_message *message)
{
	int err;

	switch (tls->step) {
	case TLS_WAIT_CLIENT_HELLO:
		return read_client_hello(tls, message);
	case TLS_WAIT_CERTIFICATE:
		err = signet_tls_certificate_read(tls, message);
		if (!err)
			tls->step = TLS_WAIT_CERTIFICATE_VERIFY;
		return err;
	case TLS_WAIT_CERTIFICATE_VERIFY:
		err = signet_tls_certificate_verify_read(tls, message);
		if (!err)
			tls->step = TLS_WAIT_FINISHED;
		return err;
	case TLS_WAIT_FINISHED:
		return read_finished(tls, message);
	default:
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	}
}
