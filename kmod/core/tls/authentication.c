// SPDX-License-Identifier: GPL-2.0
/* Keys, certificates and proofs: the part of a handshake that both roles do alike. */
#include "core/tls/internal.h"

#define SIGNED_PADDING 64
#define SIGNED_LABEL_SIZE 34 /* with its zero byte */
#define SIGNED_SIZE (SIGNED_PADDING + SIGNED_LABEL_SIZE + SIGNET_SHA256_SIZE)

void signet_tls_handshake_keys(struct signet_tls *tls, const u8 *shared, size_t shared_len)
{
	bool client = tls->config.role == SIGNET_TLS_CLIENT;
	u8 hash[SIGNET_SHA256_SIZE];

	signet_tls_transcript(tls, hash);
	signet_key_schedule_start(&tls->schedule);
	signet_key_schedule_handshake(&tls->schedule, shared, shared_len);
	signet_key_schedule_derive(&tls->schedule, "c hs traffic", hash,
				   client ? tls->own_secret : tls->peer_secret);
	signet_key_schedule_derive(&tls->schedule, "s hs traffic", hash,
				   client ? tls->peer_secret : tls->own_secret);
	signet_traffic_keys(tls->own_secret, tls->cipher, &tls->tx.keys);
	signet_traffic_keys(tls->peer_secret, tls->cipher, &tls->rx.keys);
	tls->tx.on = true;
	tls->rx.on = true;
}

void signet_tls_application_keys(struct signet_tls *tls, struct signet_tls_keys *client,
				 struct signet_tls_keys *server)
{
	u8 secret[SIGNET_SHA256_SIZE];
	u8 hash[SIGNET_SHA256_SIZE];

	signet_tls_transcript(tls, hash);
	signet_key_schedule_master(&tls->schedule);
	signet_key_schedule_derive(&tls->schedule, "c ap traffic", hash, secret);
	signet_traffic_keys(secret, tls->cipher, client);
	signet_key_schedule_derive(&tls->schedule, "s ap traffic", hash, secret);
	signet_traffic_keys(secret, tls->cipher, server);
	signet_wipe(secret, sizeof(secret));
}

void signet_put_signature_algorithms(struct signet_buffer *buffer)
{
	/* In chains: ECDSA with P-256 and P-384, RSASSA-PKCS1-v1_5 with SHA-256, -384, -512. */
	static const u16 chain[] = { TLS_ECDSA_SECP256R1_SHA256, 0x0503, 0x0401, 0x0501, 0x0601 };
	unsigned int i;

	signet_put_number(buffer, TLS_EXT_SIGNATURE_ALGORITHMS, 2);
	signet_put_number(buffer, 4, 2);
	signet_put_number(buffer, 2, 2);
	signet_put_number(buffer, TLS_ECDSA_SECP256R1_SHA256, 2);

	signet_put_number(buffer, TLS_EXT_SIGNATURE_ALGORITHMS_CERT, 2);
	signet_put_number(buffer, 2 + sizeof(chain), 2);
	signet_put_number(buffer, sizeof(chain), 2);
	for (i = 0; i < ARRAY_SIZE(chain); i++)
		signet_put_number(buffer, chain[i], 2);
}

/* What CertificateVerify of @role signs over the transcript so far (RFC 8446, 4.4.3). */
static void signed_content(const struct signet_tls *tls, enum signet_tls_role role,
			   u8 content[SIGNED_SIZE])
{
	static const char client[SIGNED_LABEL_SIZE] = "TLS 1.3, client CertificateVerify";
	static const char server[SIGNED_LABEL_SIZE] = "TLS 1.3, server CertificateVerify";

	memset(content, ' ', SIGNED_PADDING);
	memcpy(content + SIGNED_PADDING, role == SIGNET_TLS_CLIENT ? client : server,
	       SIGNED_LABEL_SIZE);
	signet_tls_transcript(tls, content + SIGNED_PADDING + SIGNED_LABEL_SIZE);
}

int signet_tls_authenticate(struct signet_tls *tls)
{
	const struct signet_tls_credential *credential = tls->config.credential;
	struct signet_buffer *out = &tls->flight;
	u8 signature[SIGNET_ECDSA_P256_MAX];
	u8 digest[SIGNET_SHA256_SIZE];
	u8 content[SIGNED_SIZE];
	size_t message;
	size_t list;
	size_t len;
	size_t i;
	int err;

	message = signet_tls_message_begin(tls, TLS_CERTIFICATE);
	signet_put_number(out, 0, 1); /* certificate_request_context */
	list = signet_put_open(out, 3);
	for (i = 0; i < credential->chain_count; i++) {
		signet_put_number(out, credential->chain[i].len, 3);
		signet_put_bytes(out, credential->chain[i].data, credential->chain[i].len);
		signet_put_number(out, 0, 2); /* no extensions */
	}
	signet_put_close(out, list, 3);
	signet_tls_message_end(tls, message);

	signed_content(tls, tls->config.role, content);
	err = signet_hash(SIGNET_SHA256, content, sizeof(content), digest);
	if (!err)
		err = signet_ecdsa_p256_sign(credential->secret, digest, signature, &len);
	if (err)
		return signet_tls_broken(tls, err);
	message = signet_tls_message_begin(tls, TLS_CERTIFICATE_VERIFY);
	signet_put_number(out, TLS_ECDSA_SECP256R1_SHA256, 2);
	signet_put_number(out, len, 2);
	signet_put_bytes(out, signature, len);
	signet_tls_message_end(tls, message);
	return 0;
}

void signet_tls_finished_write(struct signet_tls *tls)
{
	size_t message = signet_tls_message_begin(tls, TLS_FINISHED);
	u8 hash[SIGNET_SHA256_SIZE];
	u8 mac[SIGNET_SHA256_SIZE];

	signet_tls_transcript(tls, hash);
	signet_finished_mac(tls->own_secret, hash, mac);
	signet_put_bytes(&tls->flight, mac, sizeof(mac));
	signet_tls_message_end(tls, message);
}

static enum signet_tls_alert certificate_alert(enum signet_x509_fault fault)
{
	switch (fault) {
	case SIGNET_X509_UNSUPPORTED:
		return SIGNET_ALERT_UNSUPPORTED_CERTIFICATE;
	case SIGNET_X509_NOT_YET:
	case SIGNET_X509_EXPIRED:
		return SIGNET_ALERT_CERTIFICATE_EXPIRED;
	case SIGNET_X509_UNKNOWN_ISSUER:
		return SIGNET_ALERT_UNKNOWN_CA;
	default:
		return SIGNET_ALERT_BAD_CERTIFICATE;
	}
}

static int certificate_fault(struct signet_tls *tls, enum signet_x509_fault fault)
{
	if (fault == SIGNET_X509_NO_MEMORY)
		return signet_tls_broken(tls, -ENOMEM);
	tls->x509_fault = fault;
	return signet_tls_fail(tls, SIGNET_TLS_PEER_CERTIFICATE, certificate_alert(fault));
}

/* Keep the leaf: the message that it came in goes away. */
static int keep_leaf(struct signet_tls *tls, struct signet_bytes der)
{
	enum signet_x509_fault fault;

	tls->peer_der = signet_alloc(der.len);
	if (!tls->peer_der)
		return signet_tls_broken(tls, -ENOMEM);
	memcpy(tls->peer_der, der.data, der.len);
	fault = signet_certificate_parse(&tls->peer, tls->peer_der, der.len);
	return fault == SIGNET_X509_OK ? 0 : certificate_fault(tls, fault);
}

int signet_tls_certificate_read(struct signet_tls *tls, const struct tls_message *message)
{
	struct signet_reader body = signet_reader_of(message->body);
	struct signet_bytes context = signet_read_vector(&body, 1, 0, 255);
	struct signet_reader list = signet_reader_of(signet_read_vector(&body, 3, 0, 0xffffff));
	struct signet_bytes chain[SIGNET_CHAIN_MAX];
	enum signet_x509_fault fault;
	size_t count = 0;

	if (!signet_read_all(&body))
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	if (context.len)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	if (!list.left) {
		if (tls->config.role == SIGNET_TLS_CLIENT)
			return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
		return signet_tls_fail(tls, SIGNET_TLS_PEER_NO_CERTIFICATE,
				       SIGNET_ALERT_CERTIFICATE_REQUIRED);
	}
	while (list.left) {
		struct signet_bytes der = signet_read_vector(&list, 3, 1, 0xffffff);
		struct signet_bytes extensions = signet_read_vector(&list, 2, 0, 0xffff);

		if (list.failed)
			return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
		/* None of ours asks for any. */
		if (extensions.len)
			return signet_tls_violation(tls, SIGNET_ALERT_UNSUPPORTED_EXTENSION);
		if (count == ARRAY_SIZE(chain))
			return certificate_fault(tls, SIGNET_X509_PATH_LENGTH);
		chain[count++] = der;
	}
	fault = signet_chain_check(chain, count, tls->config.anchors, tls->config.now, &tls->peer);
	if (fault != SIGNET_X509_OK)
		return certificate_fault(tls, fault);
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	return keep_leaf(tls, chain[0]);
}

int signet_tls_certificate_verify_read(struct signet_tls *tls, const struct tls_message *message)
{
	struct signet_reader body = signet_reader_of(message->body);
	u16 algorithm = signet_read_number(&body, 2);
	struct signet_bytes signature = signet_read_vector(&body, 2, 0, 0xffff);
	u8 content[SIGNED_SIZE];
	int err;

	if (!signet_read_all(&body))
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	if (algorithm != TLS_ECDSA_SECP256R1_SHA256)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	if (tls->peer.key.type != SIGNET_KEY_P256)
		return certificate_fault(tls, SIGNET_X509_NOT_SVID);
	signed_content(tls,
		       tls->config.role == SIGNET_TLS_CLIENT ? SIGNET_TLS_SERVER :
							       SIGNET_TLS_CLIENT,
		       content);
	err = signet_verify(&tls->peer.key, SIGNET_SHA256, content, sizeof(content),
			    signature.data, signature.len);
	if (err == -EBADMSG)
		return signet_tls_violation(tls, SIGNET_ALERT_DECRYPT_ERROR);
	if (err == -EINVAL)
		return certificate_fault(tls, SIGNET_X509_UNSUPPORTED);
	if (err)
		return signet_tls_broken(tls, err);
	tls->peer_proven = true;
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);
	return 0;
}

int signet_tls_finished_read(struct signet_tls *tls, const struct tls_message *message)
{
	enum signet_tls_alert alert;
	u8 hash[SIGNET_SHA256_SIZE];
	u8 mac[SIGNET_SHA256_SIZE];
	bool equal;

	if (message->body.len != sizeof(mac))
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	signet_tls_transcript(tls, hash);
	signet_finished_mac(tls->peer_secret, hash, mac);
	equal = signet_equal(mac, message->body.data, sizeof(mac));
	signet_wipe(mac, sizeof(mac));
	if (!equal)
		return signet_tls_violation(tls, SIGNET_ALERT_DECRYPT_ERROR);
	signet_sha256_update(&tls->transcript, message->raw.data, message->raw.len);

	alert = tls->config.verify(tls->config.ctx, &tls->peer);
	if (alert != SIGNET_ALERT_NONE)
		return signet_tls_fail(tls, SIGNET_TLS_REFUSED, alert);
	return 0;
}
