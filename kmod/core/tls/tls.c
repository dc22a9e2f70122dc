// SPDX-License-Identifier: GPL-2.0
/* A handshake from its beginning to its end, whatever the role. */
#include "core/tls/internal.h"

#define HELLO_MAX 16384
#define EXTENSIONS_MAX 4096
#define CERTIFICATES_MAX 32768
#define SIGNATURE_MAX 1024
#define FINISHED_MAX 64
#define TICKET_MAX 8192

static const struct signet_tls_parameters default_parameters = {
	.ciphers = { SIGNET_AES_128_GCM_SHA256, SIGNET_CHACHA20_POLY1305_SHA256 },
	.cipher_count = 2,
	.groups = { SIGNET_X25519, SIGNET_SECP256R1 },
	.group_count = 2,
	.share_count = 1,
	.alpn = true,
};

struct signet_tls *signet_tls_new(const struct signet_tls_config *config)
{
	struct signet_tls *tls = signet_alloc(sizeof(*tls));

	if (!tls)
		return NULL;
	tls->config = *config;
	tls->parameters = config->parameters ? *config->parameters : default_parameters;
	tls->state = SIGNET_TLS_NEED_RECORD;
	tls->alert = SIGNET_ALERT_NONE;
	signet_sha256_init(&tls->transcript);
	if (config->role == SIGNET_TLS_SERVER) {
		tls->step = TLS_WAIT_CLIENT_HELLO;
		return tls;
	}
	tls->step = TLS_WAIT_SERVER_HELLO;
	if (signet_client_start(tls)) {
		signet_tls_free(tls);
		return NULL;
	}
	return tls;
}

void signet_tls_free(struct signet_tls *tls)
{
	if (!tls)
		return;
	signet_buffer_reset(&tls->partial);
	signet_buffer_reset(&tls->flight);
	signet_buffer_reset(&tls->output);
	signet_free(tls->peer_der);
	signet_free(tls);
}

void signet_tls_set_time(struct signet_tls *tls, s64 now)
{
	tls->config.now = now;
}

void signet_tls_set_anchors(struct signet_tls *tls, const struct signet_anchors *anchors)
{
	tls->config.anchors = anchors;
}

/* All but the record keys, which an alert or the caller may still need. */
static void forget_secrets(struct signet_tls *tls)
{
	signet_wipe(&tls->schedule, sizeof(tls->schedule));
	signet_wipe(&tls->application, sizeof(tls->application));
	signet_wipe(tls->own_secret, sizeof(tls->own_secret));
	signet_wipe(tls->peer_secret, sizeof(tls->peer_secret));
	signet_wipe(tls->shares, sizeof(tls->shares));
}

static void forget_keys(struct signet_tls *tls)
{
	signet_wipe(&tls->rx, sizeof(tls->rx));
	signet_wipe(&tls->tx, sizeof(tls->tx));
}

int signet_tls_fail(struct signet_tls *tls, enum signet_tls_fault fault,
		    enum signet_tls_alert alert)
{
	if (tls->state != SIGNET_TLS_NEED_RECORD)
		return -EPROTO;
	tls->state = SIGNET_TLS_FAILED;
	tls->step = TLS_OVER;
	tls->fault = fault;
	tls->alert = alert;
	/* Without memory for the alert the peer only sees the connection close. */
	if (fault != SIGNET_TLS_PEER_ALERT)
		signet_tls_alert_write(tls, alert);
	forget_secrets(tls);
	forget_keys(tls);
	return -EPROTO;
}

int signet_tls_violation(struct signet_tls *tls, enum signet_tls_alert alert)
{
	return signet_tls_fail(tls, SIGNET_TLS_PROTOCOL, alert);
}

int signet_tls_broken(struct signet_tls *tls, int err)
{
	return signet_tls_fail(tls, err == -ENOMEM ? SIGNET_TLS_NO_MEMORY : SIGNET_TLS_INTERNAL,
			       SIGNET_ALERT_INTERNAL_ERROR);
}

void signet_tls_finish(struct signet_tls *tls)
{
	tls->state = SIGNET_TLS_DONE;
	tls->step = TLS_OVER;
	forget_secrets(tls);
}

void signet_tls_transcript(const struct signet_tls *tls, u8 hash[SIGNET_SHA256_SIZE])
{
	struct signet_sha256 copy = tls->transcript;

	signet_sha256_final(&copy, hash);
}

void signet_tls_transcript_retry(struct signet_tls *tls)
{
	u8 message[4 + SIGNET_SHA256_SIZE] = { TLS_MESSAGE_HASH, 0, 0, SIGNET_SHA256_SIZE };

	signet_sha256_final(&tls->transcript, message + 4);
	signet_sha256_init(&tls->transcript);
	signet_sha256_update(&tls->transcript, message, sizeof(message));
}

int signet_tls_message_max(const struct signet_tls *tls, u8 type)
{
	static const struct {
		u8 type;
		u16 max;
	} expected[] = {
		[TLS_WAIT_CLIENT_HELLO] = { TLS_CLIENT_HELLO, HELLO_MAX },
		[TLS_WAIT_SERVER_HELLO] = { TLS_SERVER_HELLO, HELLO_MAX },
		[TLS_WAIT_ENCRYPTED_EXTENSIONS] = { TLS_ENCRYPTED_EXTENSIONS, EXTENSIONS_MAX },
		[TLS_WAIT_CERTIFICATE_REQUEST] = { TLS_CERTIFICATE_REQUEST, CERTIFICATES_MAX },
		[TLS_WAIT_CERTIFICATE] = { TLS_CERTIFICATE, CERTIFICATES_MAX },
		[TLS_WAIT_CERTIFICATE_VERIFY] = { TLS_CERTIFICATE_VERIFY, SIGNATURE_MAX },
		[TLS_WAIT_FINISHED] = { TLS_FINISHED, FINISHED_MAX },
		[TLS_WAIT_TICKET] = { TLS_NEW_SESSION_TICKET, TICKET_MAX },
	};

	if (tls->step < ARRAY_SIZE(expected) && expected[tls->step].type == type)
		return expected[tls->step].max;
	/* A server that asks for no certificate gets an answer of its own. */
	if (tls->step == TLS_WAIT_CERTIFICATE_REQUEST && type == TLS_CERTIFICATE)
		return CERTIFICATES_MAX;
	return -EPROTO;
}

int signet_tls_message(struct signet_tls *tls, const struct tls_message *message)
{
	if (tls->config.role == SIGNET_TLS_CLIENT)
		return signet_client_message(tls, message);
	return signet_server_message(tls, message);
}

static bool looks_like_tls(const u8 header[SIGNET_TLS_HEADER_SIZE])
{
	return header[0] >= TLS_CHANGE_CIPHER_SPEC && header[0] <= TLS_APPLICATION_DATA &&
	       header[1] == 3;
}

int signet_tls_record_length(struct signet_tls *tls, const u8 header[SIGNET_TLS_HEADER_SIZE])
{
	if (tls->state != SIGNET_TLS_NEED_RECORD || (!tls->spoken && !looks_like_tls(header)) ||
	    signet_tls_header_check(tls, header) != SIGNET_ALERT_NONE)
		return -EPROTO;
	return header[3] << 8 | header[4];
}

enum signet_tls_state signet_tls_input(struct signet_tls *tls, u8 *record, size_t len)
{
	enum signet_tls_alert alert;

	if (tls->state != SIGNET_TLS_NEED_RECORD)
		return tls->state;
	if (len < SIGNET_TLS_HEADER_SIZE) {
		signet_tls_broken(tls, -EINVAL);
		return tls->state;
	}
	if (!tls->spoken && !looks_like_tls(record)) {
		signet_tls_fail(tls, SIGNET_TLS_NOT_TLS, SIGNET_ALERT_UNEXPECTED_MESSAGE);
		return tls->state;
	}
	tls->spoken = true;
	alert = signet_tls_header_check(tls, record);
	if (alert != SIGNET_ALERT_NONE)
		signet_tls_violation(tls, alert);
	else if (len - SIGNET_TLS_HEADER_SIZE != (size_t)(record[3] << 8 | record[4]))
		signet_tls_broken(tls, -EINVAL);
	else
		signet_tls_record(tls, record, len);
	return tls->state;
}

enum signet_tls_state signet_tls_state(const struct signet_tls *tls)
{
	return tls->state;
}

struct signet_bytes signet_tls_output(const struct signet_tls *tls)
{
	struct signet_bytes bytes = {};

	if (tls->output.len) {
		bytes.data = tls->output.data + tls->output_sent;
		bytes.len = tls->output.len - tls->output_sent;
	}
	return bytes;
}

void signet_tls_output_consume(struct signet_tls *tls, size_t len)
{
	tls->output_sent += len;
	if (tls->output_sent < tls->output.len)
		return;
	signet_buffer_reset(&tls->output);
	tls->output_sent = 0;
}

void signet_tls_abort(struct signet_tls *tls, enum signet_tls_alert alert)
{
	signet_tls_fail(tls, SIGNET_TLS_REFUSED, alert);
}

int signet_tls_take(struct signet_tls *tls, struct signet_tls_result *result)
{
	if (tls->state != SIGNET_TLS_DONE || tls->taken)
		return -EINVAL;
	tls->taken = true;
	result->cipher = tls->cipher;
	result->group = tls->group;
	result->signet_alpn = tls->signet_alpn;
	result->tx = tls->tx.keys;
	result->rx = tls->rx.keys;
	forget_keys(tls);
	return 0;
}

enum signet_tls_fault signet_tls_fault(const struct signet_tls *tls, enum signet_tls_alert *alert,
				       enum signet_x509_fault *x509)
{
	if (alert)
		*alert = tls->alert;
	if (x509)
		*x509 = tls->x509_fault;
	return tls->fault;
}

const char *signet_tls_fault_text(enum signet_tls_fault fault)
{
	switch (fault) {
	case SIGNET_TLS_OK:
		return "no fault";
	case SIGNET_TLS_NOT_TLS:
		return "the peer doesn't speak TLS";
	case SIGNET_TLS_PROTOCOL:
		return "the peer broke the TLS protocol";
	case SIGNET_TLS_NO_SHARED_PARAMETERS:
		return "the peer doesn't offer mutual TLS 1.3 with an algorithm that both know";
	case SIGNET_TLS_PEER_ALERT:
		return "the peer refused with an alert";
	case SIGNET_TLS_PEER_NO_CERTIFICATE:
		return "the peer has no certificate";
	case SIGNET_TLS_PEER_CERTIFICATE:
		return "the peer's certificate isn't valid here";
	case SIGNET_TLS_REFUSED:
		return "the peer was refused";
	case SIGNET_TLS_NO_MEMORY:
		return "out of memory";
	case SIGNET_TLS_INTERNAL:
		return "an internal error";
	}
	return "an unknown fault";
}

const struct signet_certificate *signet_tls_peer(const struct signet_tls *tls)
{
	return tls->peer_proven ? &tls->peer : NULL;
}
