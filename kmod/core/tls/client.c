// SPDX-License-Identifier: GPL-2.0
/* The client's side (RFC 8446, 4 and A.1). */
#include "core/tls/internal.h"

/* Fails without an alert: nothing was said yet. */
int signet_client_start(struct signet_tls *tls)
{
	unsigned int i;

	signet_random(tls->random, sizeof(tls->random));
	/* A random session ID and one change_cipher_spec please middleboxes (RFC 8446, D.4). */
	signet_random(tls->session_id, sizeof(tls->session_id));
	tls->session_id_len = sizeof(tls->session_id);
	tls->compatibility = true;
	for (i = 0; i < tls->parameters.share_count; i++) {
		int err = signet_key_share_make(&tls->shares[i], tls->parameters.groups[i]);

		if (err)
			return err;
	}
	signet_client_hello_write(tls, (struct signet_bytes){});
	return signet_tls_flush(tls);
}

static bool offers(const u16 *list, unsigned int count, u16 value)
{
	while (count--) {
		if (list[count] == value)
			return true;
	}
	return false;
}

static const struct signet_key_share *share_of(const struct signet_tls *tls, u16 group)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tls->shares); i++) {
		if (group && tls->shares[i].group == group)
			return &tls->shares[i];
	}
	return NULL;
}

static int retry(struct signet_tls *tls, const struct tls_server_hello *hello,
		 const struct tls_message *message)
{
	const struct signet_tls_parameters *offer = &tls->parameters;
	int err;

	if (tls->retried)
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	if (!hello->group && !hello->cookie.len)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	if (hello->group) {
		if (!offers(offer->groups, offer->group_count, hello->group) ||
		    share_of(tls, hello->group))
			return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
		signet_wipe(tls->shares, sizeof(tls->shares));
		err = signet_key_share_make(&tls->shares[0], hello->group);
		if (err)
			return signet_tls_broken(tls, err);
	}
	tls->retried = true;
	tls->cipher = hello->cipher;
	tls->group = hello->group;
	signet_tls_transcript_retry(tls);
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	err = signet_tls_compatibility_write(tls);
	if (err)
		return err;
	signet_client_hello_write(tls, hello->cookie);
	return signet_tls_flush(tls);
}

static int read_server_hello(struct signet_tls *tls, const struct tls_message *message)
{
	const struct signet_tls_parameters *offer = &tls->parameters;
	const struct signet_key_share *share;
	u8 shared[SIGNET_SHARED_SECRET_SIZE];
	struct tls_server_hello hello;
	enum signet_tls_alert alert;
	int err;

	alert = signet_server_hello_parse(tls, &hello, message->body);
	if (alert == SIGNET_ALERT_PROTOCOL_VERSION)
		return signet_tls_fail(tls, SIGNET_TLS_NO_SHARED_PARAMETERS, alert);
	if (alert != SIGNET_ALERT_NONE)
		return signet_tls_violation(tls, alert);
	if (!offers(offer->ciphers, offer->cipher_count, hello.cipher) ||
	    (tls->retried && hello.cipher != tls->cipher))
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	if (hello.retry)
		return retry(tls, &hello, message);
	if (!hello.group)
		return signet_tls_violation(tls, SIGNET_ALERT_MISSING_EXTENSION);
	share = share_of(tls, hello.group);
	if (!share)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	err = signet_key_share_agree(share, hello.share.data, hello.share.len, shared);
	if (err == -EINVAL)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	if (err)
		return signet_tls_broken(tls, err);
	tls->cipher = hello.cipher;
	tls->group = hello.group;
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	signet_tls_handshake_keys(tls, shared, sizeof(shared));
	signet_wipe(shared, sizeof(shared));
	signet_wipe(tls->shares, sizeof(tls->shares));
	tls->step = TLS_WAIT_ENCRYPTED_EXTENSIONS;
	return 0;
}

/* The one protocol that we offered, or what is wrong. */
static enum signet_tls_alert read_selected_protocol(struct signet_tls *tls,
						    struct signet_reader *body)
{
	struct signet_reader list = signet_reader_of(signet_read_vector(body, 2, 2, 0xffff));
	struct signet_bytes name = signet_read_vector(&list, 1, 1, 255);

	if (!signet_read_all(body) || !signet_read_all(&list))
		return SIGNET_ALERT_DECODE_ERROR;
	if (name.len != strlen(SIGNET_TLS_ALPN) || memcmp(name.data, SIGNET_TLS_ALPN, name.len))
		return SIGNET_ALERT_ILLEGAL_PARAMETER;
	tls->signet_alpn = true;
	return SIGNET_ALERT_NONE;
}

static int read_encrypted_extensions(struct signet_tls *tls, const struct tls_message *message)
{
	struct signet_reader body = signet_reader_of(message->body);
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	struct tls_extensions extensions = {};
	struct tls_extension extension;

	extensions.reader = signet_reader_of(signet_read_vector(&body, 2, 0, 0xffff));
	if (!signet_read_all(&body))
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	while (signet_tls_extension(&extensions, &extension, &alert)) {
		if (!signet_tls_offered(tls, extension.type))
			alert = SIGNET_ALERT_UNSUPPORTED_EXTENSION;
		else if (extension.type == TLS_EXT_ALPN)
			alert = read_selected_protocol(tls, &extension.body);
		else if (extension.type != TLS_EXT_SUPPORTED_GROUPS)
			alert = SIGNET_ALERT_ILLEGAL_PARAMETER;
		if (alert != SIGNET_ALERT_NONE)
			break;
	}
	if (alert != SIGNET_ALERT_NONE)
		return signet_tls_violation(tls, alert);
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	tls->step = TLS_WAIT_CERTIFICATE_REQUEST;
	return 0;
}

static int read_certificate_request(struct signet_tls *tls, const struct tls_message *message)
{
	struct signet_reader body = signet_reader_of(message->body);
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	struct tls_extensions extensions = {};
	struct signet_bytes algorithms = {};
	struct tls_extension extension;
	struct signet_bytes context;

	/* One that doesn't want to know us is no peer for mutual TLS. */
	if (message->type == TLS_CERTIFICATE)
		return signet_tls_fail(tls, SIGNET_TLS_NO_SHARED_PARAMETERS,
				       SIGNET_ALERT_HANDSHAKE_FAILURE);
	context = signet_read_vector(&body, 1, 0, 255);
	extensions.reader = signet_reader_of(signet_read_vector(&body, 2, 2, 0xffff));
	if (!signet_read_all(&body))
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	if (context.len)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	while (signet_tls_extension(&extensions, &extension, &alert)) {
		if (extension.type != TLS_EXT_SIGNATURE_ALGORITHMS)
			continue;
		algorithms = signet_read_vector(&extension.body, 2, 2, 0xfffe);
		if (!signet_read_all(&extension.body) || algorithms.len % 2)
			return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	}
	if (alert != SIGNET_ALERT_NONE)
		return signet_tls_violation(tls, alert);
	if (!algorithms.len)
		return signet_tls_violation(tls, SIGNET_ALERT_MISSING_EXTENSION);
	if (!signet_u16s_hold(algorithms, TLS_ECDSA_SECP256R1_SHA256))
		return signet_tls_fail(tls, SIGNET_TLS_NO_SHARED_PARAMETERS,
				       SIGNET_ALERT_HANDSHAKE_FAILURE);
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	tls->step = TLS_WAIT_CERTIFICATE;
	return 0;
}

static int read_finished(struct signet_tls *tls, const struct tls_message *message)
{
	int err = signet_tls_finished_read(tls, message);

	if (err)
		return err;
	signet_tls_application_keys(tls, &tls->application, &tls->rx.keys);
	err = signet_tls_compatibility_write(tls);
	if (!err)
		err = signet_tls_authenticate(tls);
	if (err)
		return err;
	signet_tls_finished_write(tls);
	err = signet_tls_flush(tls);
	if (err)
		return err;
	tls->tx.keys = tls->application;
	if (tls->signet_alpn)
		tls->step = TLS_WAIT_TICKET;
	else
		signet_tls_finish(tls);
	return 0;
}

/* The server's word that it accepts us. There is nothing in it that we use. */
static int read_ticket(struct signet_tls *tls, const struct tls_message *message)
{
	struct signet_reader body = signet_reader_of(message->body);
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	struct tls_extensions extensions = {};
	struct tls_extension extension;

	signet_read_bytes(&body, 4 + 4); /* lifetime, age_add */
	signet_read_vector(&body, 1, 0, 255); /* nonce */
	signet_read_vector(&body, 2, 1, 0xffff); /* ticket */
	extensions.reader = signet_reader_of(signet_read_vector(&body, 2, 0, 0xffff));
	if (!signet_read_all(&body))
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	while (signet_tls_extension(&extensions, &extension, &alert))
		continue;
	if (alert != SIGNET_ALERT_NONE)
		return signet_tls_violation(tls, alert);
	signet_tls_finish(tls);
	return 0;
}

int signet_client_message(struct signet_tls *tls, const struct tls_message *message)
{
	int err;

	switch (tls->step) {
	case TLS_WAIT_SERVER_HELLO:
		return read_server_hello(tls, message);
	case TLS_WAIT_ENCRYPTED_EXTENSIONS:
		return read_encrypted_extensions(tls, message);
	case TLS_WAIT_CERTIFICATE_REQUEST:
		return read_certificate_request(tls, message);
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
	case TLS_WAIT_TICKET:
		return read_ticket(tls, message);
	default:
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	}
}
