// SPDX-License-Identifier: GPL-2.0
#include "wire.h"

#include <stdlib.h>

/* What the middle knows of one direction: how many records came under the present key. */
struct counter {
	u8 key[SIGNET_AEAD_KEY_MAX];
	u64 sequence;
};

static void nonce_of(const u8 *iv, u64 sequence, u8 *nonce)
{
	unsigned int i;

	memcpy(nonce, iv, 12);
	for (i = 0; i < 8; i++)
		nonce[11 - i] ^= sequence >> (8 * i);
}

void wire_deliver(struct wire *wire, struct signet_tls *to, u8 type, const u8 *data, size_t len)
{
	static u8 record[5 + WIRE_CONTENT_MAX + 1 + 16];
	const struct signet_tls_keys *keys = &to->rx.keys;
	bool seal = to->rx.on && type != TLS_CHANGE_CIPHER_SPEC;
	size_t body = seal ? len + 1 + 16 : len;
	u8 nonce[12];
	u8 *exact;

	record[0] = seal ? TLS_APPLICATION_DATA : type;
	record[1] = 3;
	record[2] = 3;
	record[3] = body >> 8;
	record[4] = body;
	if (len)
		memcpy(record + 5, data, len);
	if (seal) {
		record[5 + len] = type;
		nonce_of(keys->iv, keys->sequence, nonce);
		signet_aead_seal(to->cipher, keys->key, nonce, record, 5, record + 5, len + 1);
	}
	/* On the heap, so that reading past it is seen. */
	exact = malloc(5 + body);
	if (!exact)
		abort();
	memcpy(exact, record, 5 + body);
	if (signet_tls_record_length(to, exact) < 0)
		signet_tls_input(to, exact, 5);
	else
		signet_tls_input(to, exact, 5 + body);
	free(exact);
	wire->records++;
}

static void send_on(struct wire *wire, struct wire_content *content)
{
	size_t done = 0;

	if (!wire->fragment || content->type != TLS_HANDSHAKE) {
		wire_deliver(wire, content->to, content->type, content->data, content->len);
		return;
	}
	while (done < content->len && signet_tls_state(content->to) == SIGNET_TLS_NEED_RECORD) {
		size_t len = content->len - done;

		if ((!done || wire->fragment_all) && len > wire->fragment)
			len = wire->fragment;
		wire_deliver(wire, content->to, content->type, content->data + done, len);
		done += len;
	}
}

/* Opens one record of the sender's and passes it on. */
static void pass(struct wire *wire, struct signet_tls *to, struct counter *counter,
		 const u8 *record, size_t len)
{
	static struct wire_content content;
	const struct signet_tls_keys *keys = &to->rx.keys;
	u8 nonce[12];

	content.to = to;
	content.type = record[0];
	content.len = len - 5;
	memcpy(content.data, record + 5, len - 5);
	if (record[0] == TLS_APPLICATION_DATA) {
		if (memcmp(counter->key, keys->key, sizeof(counter->key))) {
			memcpy(counter->key, keys->key, sizeof(counter->key));
			counter->sequence = 0;
		}
		nonce_of(keys->iv, counter->sequence++, nonce);
		/* What doesn't open is under a key that the receiver hasn't: an alert, then. */
		if (signet_aead_open(to->cipher, keys->key, nonce, record, 5, content.data,
				     content.len)) {
			u8 *copy = malloc(len);

			memcpy(copy, record, len);
			signet_tls_input(to, copy, len);
			free(copy);
			return;
		}
		content.len -= 17;
		content.type = content.data[content.len];
	}
	if (wire->edit)
		wire->edit(wire, &content);
	if (content.to)
		send_on(wire, &content);
}

static bool move(struct wire *wire, struct signet_tls *from, struct signet_tls *to,
		 struct counter *counter)
{
	struct signet_bytes out = signet_tls_output(from);
	bool moved = false;
	u8 *copy;

	while (out.len) {
		size_t len = 5 + (out.data[3] << 8 | out.data[4]);

		copy = malloc(len);
		memcpy(copy, out.data, len);
		signet_tls_output_consume(from, len);
		if (signet_tls_state(to) == SIGNET_TLS_NEED_RECORD)
			pass(wire, to, counter, copy, len);
		free(copy);
		moved = true;
		out = signet_tls_output(from);
	}
	return moved;
}

void wire_run(struct wire *wire)
{
	struct counter to_server = {};
	struct counter to_client = {};
	bool moved;

	do {
		moved = move(wire, wire->client, wire->server, &to_server);
		moved |= move(wire, wire->server, wire->client, &to_client);
	} while (moved);
}

u8 *wire_message(struct wire_content *content, u8 type, size_t *size)
{
	size_t at = 0;

	if (content->type != TLS_HANDSHAKE)
		return NULL;
	while (content->len - at >= 4) {
		u8 *message = content->data + at;

		*size = 4 + (message[1] << 16 | message[2] << 8 | message[3]);
		if (*size > content->len - at)
			return NULL;
		if (message[0] == type)
			return message;
		at += *size;
	}
	return NULL;
}

void wire_splice(struct wire_content *content, u8 *message, size_t offset, size_t old_len,
		 const u8 *data, size_t len)
{
	u8 *at = message + offset;
	u8 *end = content->data + content->len;
	size_t size = (message[1] << 16 | message[2] << 8 | message[3]) + len - old_len;

	memmove(at + len, at + old_len, end - at - old_len);
	if (len)
		memcpy(at, data, len);
	content->len += len - old_len;
	message[1] = size >> 16;
	message[2] = size >> 8;
	message[3] = size;
}
