// SPDX-License-Identifier: GPL-2.0
/* The record layer of the handshake (RFC 8446, 5), and messages in and out of records. */
#include "core/tls/internal.h"

/* A peer sends one, or two around a HelloRetryRequest; each costs us a wakeup. */
#define CCS_MAX 4

#define ALERT_WARNING 1
#define ALERT_FATAL 2

static void make_nonce(const struct signet_tls_keys *keys, u8 nonce[SIGNET_AEAD_NONCE_SIZE])
{
	unsigned int i;

	memcpy(nonce, keys->iv, SIGNET_AEAD_NONCE_SIZE);
	for (i = 0; i < 8; i++)
		nonce[SIGNET_AEAD_NONCE_SIZE - 1 - i] ^= keys->sequence >> (8 * i);
}

static bool ccs_allowed(const struct signet_tls *tls)
{
	return tls->step < TLS_WAIT_TICKET && tls->ccs_received < CCS_MAX &&
	       (tls->step != TLS_WAIT_CLIENT_HELLO || tls->retried);
}

/*
 * A client that could not make sense of our ServerHello has no keys to protect its alert with, so
 * a server takes one in the clear until the first protected record.
 */
static bool clear_alert_allowed(const struct signet_tls *tls)
{
	return !tls->rx.on || (tls->config.role == SIGNET_TLS_SERVER && !tls->rx.keys.sequence);
}

enum signet_tls_alert signet_tls_header_check(const struct signet_tls *tls,
					      const u8 header[SIGNET_TLS_HEADER_SIZE])
{
	size_t len = header[3] << 8 | header[4];
	bool protected = false;

	switch (header[0]) {
	case TLS_CHANGE_CIPHER_SPEC:
		if (!ccs_allowed(tls) || len != 1)
			return SIGNET_ALERT_UNEXPECTED_MESSAGE;
		break;
	case TLS_ALERT:
		if (!clear_alert_allowed(tls) || !len)
			return SIGNET_ALERT_UNEXPECTED_MESSAGE;
		break;
	case TLS_HANDSHAKE:
		if (tls->rx.on || !len)
			return SIGNET_ALERT_UNEXPECTED_MESSAGE;
		break;
	case TLS_APPLICATION_DATA:
		if (!tls->rx.on)
			return SIGNET_ALERT_UNEXPECTED_MESSAGE;
		protected = true;
		break;
	default:
		return SIGNET_ALERT_UNEXPECTED_MESSAGE;
	}
	if (len > (protected ? SIGNET_TLS_CIPHERTEXT_MAX : TLS_PLAINTEXT_MAX))
		return SIGNET_ALERT_RECORD_OVERFLOW;
	return SIGNET_ALERT_NONE;
}

/* Decrypts in place; on success *@type and *@len are those of the content. */
static int open_record(struct signet_tls *tls, u8 *record, u8 *type, size_t *len)
{
	struct signet_tls_keys *keys = &tls->rx.keys;
	u8 *body = record + SIGNET_TLS_HEADER_SIZE;
	u8 nonce[SIGNET_AEAD_NONCE_SIZE];
	size_t n = *len;
	int err;

	if (n < SIGNET_AEAD_TAG_SIZE)
		return signet_tls_violation(tls, SIGNET_ALERT_BAD_RECORD_MAC);
	make_nonce(keys, nonce);
	err = signet_aead_open(tls->cipher, keys->key, nonce, record, SIGNET_TLS_HEADER_SIZE, body,
			       n);
	if (err == -EBADMSG)
		return signet_tls_violation(tls, SIGNET_ALERT_BAD_RECORD_MAC);
	if (err)
		return signet_tls_broken(tls, err);
	keys->sequence++;

	n -= SIGNET_AEAD_TAG_SIZE;
	if (n > TLS_PLAINTEXT_MAX + 1)
		return signet_tls_violation(tls, SIGNET_ALERT_RECORD_OVERFLOW);
	while (n && !body[n - 1])
		n--;
	if (!n)
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	*type = body[n - 1];
	*len = n - 1;
	return 0;
}

static int read_alert(struct signet_tls *tls, const u8 *data, size_t len)
{
	if (len != 2)
		return signet_tls_violation(tls, SIGNET_ALERT_DECODE_ERROR);
	return signet_tls_fail(tls, SIGNET_TLS_PEER_ALERT, data[1]);
}

/* After these the peer must wait for us, or the keys change: nothing may follow in the record. */
static bool ends_record(u8 type)
{
	return type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO || type == TLS_FINISHED ||
	       type == TLS_NEW_SESSION_TICKET;
}

static int handle(struct signet_tls *tls, const u8 *data, size_t size, size_t rest)
{
	struct tls_message message = {
		.type = data[0],
		.raw = { data, size },
		.body = { data + 4, size - 4 },
	};

	if (rest && ends_record(message.type))
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	return signet_tls_message(tls, &message);
}

/* The size of the message whose four header bytes are at @data, or an errno, having failed. */
static int message_size(struct signet_tls *tls, const u8 *data)
{
	size_t body = data[1] << 16 | data[2] << 8 | data[3];
	int max = signet_tls_message_max(tls, data[0]);

	if (max < 0)
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	if (body > (size_t)max)
		return signet_tls_violation(tls, SIGNET_ALERT_ILLEGAL_PARAMETER);
	return 4 + body;
}

/* Messages, whole or in parts. What is whole in one record is handled where it is. */
static int read_handshake(struct signet_tls *tls, const u8 *data, size_t len)
{
	struct signet_buffer *partial = &tls->partial;

	if (!len)
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	while (len) {
		size_t wanted = 4;
		int size = 0;
		int err;

		if (!partial->len && len >= 4) {
			size = message_size(tls, data);
			if (size < 0)
				return size;
			if ((size_t)size <= len) {
				err = handle(tls, data, size, len - size);
				if (err)
					return err;
				data += size;
				len -= size;
				continue;
			}
		}
		if (partial->len >= 4) {
			size = message_size(tls, partial->data);
			if (size < 0)
				return size;
			wanted = size;
		}
		wanted -= partial->len;
		if (wanted > len)
			wanted = len;
		signet_put_bytes(partial, data, wanted);
		if (partial->failed)
			return signet_tls_broken(tls, -ENOMEM);
		data += wanted;
		len -= wanted;
		if (partial->len < 4)
			continue;
		size = message_size(tls, partial->data);
		if (size < 0)
			return size;
		if (partial->len < (size_t)size)
			continue;
		err = handle(tls, partial->data, size, len);
		signet_buffer_reset(partial);
		if (err)
			return err;
	}
	return 0;
}

int signet_tls_record(struct signet_tls *tls, u8 *record, size_t len)
{
	u8 *body = record + SIGNET_TLS_HEADER_SIZE;
	u8 type = record[0];
	int err;

	len -= SIGNET_TLS_HEADER_SIZE;
	if (type == TLS_CHANGE_CIPHER_SPEC) {
		if (body[0] != 1 || tls->partial.len)
			return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
		tls->ccs_received++;
		return 0;
	}
	if (type == TLS_APPLICATION_DATA) {
		err = open_record(tls, record, &type, &len);
		if (err)
			return err;
	}
	switch (type) {
	case TLS_HANDSHAKE:
		return read_handshake(tls, body, len);
	case TLS_ALERT:
		if (tls->partial.len)
			return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
		return read_alert(tls, body, len);
	default:
		return signet_tls_violation(tls, SIGNET_ALERT_UNEXPECTED_MESSAGE);
	}
}

/* Appends one record to the output. 0 or an errno; then the output is as it was. */
static int write_record(struct signet_tls *tls, u8 type, const u8 *data, size_t len)
{
	struct signet_tls_keys *keys = &tls->tx.keys;
	size_t body = tls->tx.on ? len + 1 + SIGNET_AEAD_TAG_SIZE : len;
	u8 nonce[SIGNET_AEAD_NONCE_SIZE];
	u8 *record;
	int err;

	record = signet_buffer_add(&tls->output, SIGNET_TLS_HEADER_SIZE + body);
	if (!record)
		return -ENOMEM;
	record[0] = tls->tx.on ? TLS_APPLICATION_DATA : type;
	record[1] = 3;
	record[2] = 3;
	record[3] = body >> 8;
	record[4] = body;
	memcpy(record + SIGNET_TLS_HEADER_SIZE, data, len);
	if (!tls->tx.on)
		return 0;

	record[SIGNET_TLS_HEADER_SIZE + len] = type;
	make_nonce(keys, nonce);
	err = signet_aead_seal(tls->cipher, keys->key, nonce, record, SIGNET_TLS_HEADER_SIZE,
			       record + SIGNET_TLS_HEADER_SIZE, len + 1);
	/* The nonce counts as used even then. */
	keys->sequence++;
	if (err)
		tls->output.len -= SIGNET_TLS_HEADER_SIZE + body;
	return err;
}

size_t signet_tls_message_begin(struct signet_tls *tls, enum tls_message_type type)
{
	signet_put_number(&tls->flight, type, 1);
	return signet_put_open(&tls->flight, 3);
}

void signet_tls_message_end(struct signet_tls *tls, size_t mark)
{
	struct signet_buffer *flight = &tls->flight;

	signet_put_close(flight, mark, 3);
	if (!flight->failed)
		signet_sha256_update(&tls->transcript, flight->data + mark - 4,
				     flight->len - mark + 4);
}

int signet_tls_flush(struct signet_tls *tls)
{
	struct signet_buffer *flight = &tls->flight;
	size_t done = 0;
	int err = flight->failed ? -ENOMEM : 0;

	while (!err && done < flight->len) {
		size_t len = flight->len - done;

		if (len > TLS_PLAINTEXT_MAX)
			len = TLS_PLAINTEXT_MAX;
		err = write_record(tls, TLS_HANDSHAKE, flight->data + done, len);
		done += len;
	}
	signet_buffer_reset(flight);
	return err ? signet_tls_broken(tls, err) : 0;
}

int signet_tls_compatibility_write(struct signet_tls *tls)
{
	static const u8 record[] = { TLS_CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1 };

	if (!tls->compatibility)
		return 0;
	tls->compatibility = false;
	signet_put_bytes(&tls->output, record, sizeof(record));
	return tls->output.failed ? signet_tls_broken(tls, -ENOMEM) : 0;
}

int signet_tls_alert_write(struct signet_tls *tls, enum signet_tls_alert alert)
{
	u8 data[] = { alert == SIGNET_ALERT_CLOSE_NOTIFY ? ALERT_WARNING : ALERT_FATAL, alert };

	return write_record(tls, TLS_ALERT, data, sizeof(data));
}
