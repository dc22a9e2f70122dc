// SPDX-License-Identifier: GPL-2.0
/* ClientHello, ServerHello and HelloRetryRequest (RFC 8446, 4.1), read and written. */
#include "core/tls/internal.h"

#define ANY_16 0xffff
#define COOKIE_MAX 4096

/* SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3). */
static const u8 retry_random[TLS_RANDOM_SIZE] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
	0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
	0x33, 0x9c,
};

bool signet_tls_extension(struct tls_extensions *extensions, struct tls_extension *extension,
			  enum signet_tls_alert *alert)
{
	struct signet_reader *reader = &extensions->reader;
	unsigned int i;

	if (!reader->left && !reader->failed)
		return false;
	extension->type = signet_read_number(reader, 2);
	extension->body = signet_reader_of(signet_read_vector(reader, 2, 0, ANY_16));
	if (reader->failed) {
		*alert = SIGNET_ALERT_DECODE_ERROR;
		return false;
	}
	for (i = 0; i < extensions->count; i++) {
		if (extensions->seen[i] == extension->type) {
			*alert = SIGNET_ALERT_ILLEGAL_PARAMETER;
			return false;
		}
	}
	if (extensions->count == ARRAY_SIZE(extensions->seen)) {
		*alert = SIGNET_ALERT_ILLEGAL_PARAMETER;
		return false;
	}
	extensions->seen[extensions->count++] = extension->type;
	return true;
}

bool signet_tls_offered(const struct signet_tls *tls, u16 type)
{
	switch (type) {
	case TLS_EXT_SUPPORTED_VERSIONS:
	case TLS_EXT_SUPPORTED_GROUPS:
	case TLS_EXT_SIGNATURE_ALGORITHMS:
	case TLS_EXT_SIGNATURE_ALGORITHMS_CERT:
	case TLS_EXT_KEY_SHARE:
		return true;
	case TLS_EXT_ALPN:
		return tls->parameters.alpn;
	case TLS_EXT_COOKIE:
		return tls->retried;
	default:
		return false;
	}
}

/* A vector of 16-bit numbers that is all of the extension. */
static bool read_u16s(struct signet_reader *body, unsigned int width, struct signet_bytes *vector)
{
	*vector = signet_read_vector(body, width, 2, ANY_16 - 1);
	return signet_read_all(body) && vector->len % 2 == 0;
}

static bool read_protocols(struct signet_reader *body, struct signet_bytes *vector)
{
	struct signet_reader names;

	*vector = signet_read_vector(body, 2, 2, ANY_16);
	names = signet_reader_of(*vector);
	while (names.left)
		signet_read_vector(&names, 1, 1, 255);
	return signet_read_all(body) && signet_read_all(&names);
}

static bool read_shares(struct signet_reader *body, struct signet_bytes *vector)
{
	struct signet_reader entries;

	*vector = signet_read_vector(body, 2, 0, ANY_16);
	entries = signet_reader_of(*vector);
	while (entries.left) {
		signet_read_number(&entries, 2);
		signet_read_vector(&entries, 2, 1, ANY_16);
	}
	return signet_read_all(body) && signet_read_all(&entries);
}

/* Every share is for a group of the list, none twice (RFC 8446, 4.2.8), in the list's order. */
static bool shares_fit(const struct tls_client_hello *hello)
{
	struct signet_reader shares = signet_reader_of(hello->shares);
	struct signet_reader groups = signet_reader_of(hello->groups);

	while (shares.left) {
		u16 group = signet_read_number(&shares, 2);

		signet_read_vector(&shares, 2, 1, ANY_16);
		do {
			if (!groups.left)
				return false;
		} while (signet_read_number(&groups, 2) != group);
	}
	return true;
}

/* False when the extension is malformed. */
static bool read_client_extension(struct tls_client_hello *hello, struct tls_extension *extension,
				  struct signet_bytes *versions)
{
	struct signet_reader *body = &extension->body;

	switch (extension->type) {
	case TLS_EXT_SUPPORTED_VERSIONS:
		return read_u16s(body, 1, versions);
	case TLS_EXT_SUPPORTED_GROUPS:
		return read_u16s(body, 2, &hello->groups);
	case TLS_EXT_SIGNATURE_ALGORITHMS:
		return read_u16s(body, 2, &hello->signature_algorithms);
	case TLS_EXT_KEY_SHARE:
		return read_shares(body, &hello->shares);
	case TLS_EXT_ALPN:
		return read_protocols(body, &hello->protocols);
	case TLS_EXT_EARLY_DATA:
		hello->early_data = true;
		return signet_read_all(body);
	default:
		return true;
	}
}

enum signet_tls_alert signet_client_hello_parse(struct tls_client_hello *hello,
						struct signet_bytes message)
{
	struct signet_reader body = signet_reader_of(message);
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	struct tls_extensions extensions = {};
	struct tls_extension extension;
	struct signet_bytes compressions;
	struct signet_bytes versions = {};
	bool psk = false;
	bool psk_modes = false;
	bool key_share = false;

	memset(hello, 0, sizeof(*hello));
	signet_read_number(&body, 2);
	hello->random = signet_read_bytes(&body, TLS_RANDOM_SIZE);
	hello->session_id = signet_read_vector(&body, 1, 0, TLS_SESSION_ID_MAX);
	hello->ciphers = signet_read_vector(&body, 2, 2, ANY_16 - 1);
	compressions = signet_read_vector(&body, 1, 1, 255);
	if (body.failed || hello->ciphers.len % 2)
		return SIGNET_ALERT_DECODE_ERROR;
	if (!body.left)
		return SIGNET_ALERT_PROTOCOL_VERSION;
	extensions.reader = signet_reader_of(signet_read_vector(&body, 2, 0, ANY_16));
	if (!signet_read_all(&body))
		return SIGNET_ALERT_DECODE_ERROR;

	while (signet_tls_extension(&extensions, &extension, &alert)) {
		if (psk) /* must be the last (RFC 8446, 4.2.11) */
			return SIGNET_ALERT_ILLEGAL_PARAMETER;
		psk |= extension.type == TLS_EXT_PRE_SHARED_KEY;
		psk_modes |= extension.type == TLS_EXT_PSK_KEY_EXCHANGE_MODES;
		key_share |= extension.type == TLS_EXT_KEY_SHARE;
		if (!read_client_extension(hello, &extension, &versions))
			return SIGNET_ALERT_DECODE_ERROR;
	}
	if (alert != SIGNET_ALERT_NONE)
		return alert;
	if (!signet_u16s_hold(versions, TLS_VERSION_13))
		return SIGNET_ALERT_PROTOCOL_VERSION;
	if (compressions.len != 1 || compressions.data[0])
		return SIGNET_ALERT_ILLEGAL_PARAMETER;
	if (!hello->groups.len || !key_share || !hello->signature_algorithms.len ||
	    (psk && !psk_modes))
		return SIGNET_ALERT_MISSING_EXTENSION;
	if (!shares_fit(hello))
		return SIGNET_ALERT_ILLEGAL_PARAMETER;
	return SIGNET_ALERT_NONE;
}

/* What a ServerHello of an older version says (RFC 8446, 4.1.3). */
static enum signet_tls_alert downgrade_alert(const u8 *random)
{
	static const u8 sentinel[] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D' };
	const u8 *end = random + TLS_RANDOM_SIZE - 8;

	if (!memcmp(end, sentinel, sizeof(sentinel)) && end[7] <= 1)
		return SIGNET_ALERT_ILLEGAL_PARAMETER;
	return SIGNET_ALERT_PROTOCOL_VERSION;
}

/* The alert for what is wrong with it. */
static enum signet_tls_alert read_server_extension(const struct signet_tls *tls,
						   struct tls_server_hello *hello,
						   struct tls_extension *extension, u16 *version)
{
	struct signet_reader *body = &extension->body;

	switch (extension->type) {
	case TLS_EXT_SUPPORTED_VERSIONS:
		*version = signet_read_number(body, 2);
		break;
	case TLS_EXT_KEY_SHARE:
		hello->group = signet_read_number(body, 2);
		if (!hello->retry)
			hello->share = signet_read_vector(body, 2, 1, ANY_16);
		break;
	case TLS_EXT_COOKIE:
		if (!hello->retry)
			return SIGNET_ALERT_UNSUPPORTED_EXTENSION;
		hello->cookie = signet_read_vector(body, 2, 1, ANY_16);
		if (hello->cookie.len > COOKIE_MAX)
			return SIGNET_ALERT_ILLEGAL_PARAMETER;
		break;
	default:
		return signet_tls_offered(tls, extension->type) ?
			       SIGNET_ALERT_ILLEGAL_PARAMETER :
			       SIGNET_ALERT_UNSUPPORTED_EXTENSION;
	}
	return signet_read_all(body) ? SIGNET_ALERT_NONE : SIGNET_ALERT_DECODE_ERROR;
}

enum signet_tls_alert signet_server_hello_parse(const struct signet_tls *tls,
						struct tls_server_hello *hello,
						struct signet_bytes message)
{
	struct signet_reader body = signet_reader_of(message);
	enum signet_tls_alert alert = SIGNET_ALERT_NONE;
	struct tls_extensions extensions = {};
	struct tls_extension extension;
	u16 legacy_version;
	u16 version = 0;
	u32 compression;

	memset(hello, 0, sizeof(*hello));
	legacy_version = signet_read_number(&body, 2);
	hello->random = signet_read_bytes(&body, TLS_RANDOM_SIZE);
	hello->session_id = signet_read_vector(&body, 1, 0, TLS_SESSION_ID_MAX);
	hello->cipher = signet_read_number(&body, 2);
	compression = signet_read_number(&body, 1);
	if (body.failed)
		return SIGNET_ALERT_DECODE_ERROR;
	if (legacy_version != TLS_LEGACY_VERSION || !body.left)
		return downgrade_alert(hello->random);
	extensions.reader = signet_reader_of(signet_read_vector(&body, 2, 0, ANY_16));
	if (!signet_read_all(&body))
		return SIGNET_ALERT_DECODE_ERROR;
	hello->retry = !memcmp(hello->random, retry_random, sizeof(retry_random));

	/* The version first: in an older one the other extensions mean something else. */
	while (signet_tls_extension(&extensions, &extension, &alert)) {
		if (extension.type == TLS_EXT_SUPPORTED_VERSIONS)
			version = signet_read_number(&extension.body, 2);
	}
	if (alert != SIGNET_ALERT_NONE)
		return alert;
	if (!version)
		return downgrade_alert(hello->random);
	if (version != TLS_VERSION_13)
		return SIGNET_ALERT_ILLEGAL_PARAMETER;

	body = signet_reader_of(message);
	signet_read_bytes(&body, 2 + TLS_RANDOM_SIZE + 1 + hello->session_id.len + 2 + 1);
	extensions = (struct tls_extensions){};
	extensions.reader = signet_reader_of(signet_read_vector(&body, 2, 0, ANY_16));
	while (signet_tls_extension(&extensions, &extension, &alert)) {
		alert = read_server_extension(tls, hello, &extension, &version);
		if (alert != SIGNET_ALERT_NONE)
			return alert;
	}
	if (compression)
		return SIGNET_ALERT_ILLEGAL_PARAMETER;
	if (hello->session_id.len != tls->session_id_len ||
	    memcmp(hello->session_id.data, tls->session_id, tls->session_id_len))
		return SIGNET_ALERT_ILLEGAL_PARAMETER;
	return SIGNET_ALERT_NONE;
}

static void put_shares(const struct signet_tls *tls, struct signet_buffer *out)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tls->shares); i++) {
		const struct signet_key_share *share = &tls->shares[i];
		size_t size = signet_group_public_size(share->group);

		if (!share->group)
			continue;
		signet_put_number(out, share->group, 2);
		signet_put_number(out, size, 2);
		signet_put_bytes(out, share->public, size);
	}
}

void signet_client_hello_write(struct signet_tls *tls, struct signet_bytes cookie)
{
	const struct signet_tls_parameters *offer = &tls->parameters;
	size_t message = signet_tls_message_begin(tls, TLS_CLIENT_HELLO);
	struct signet_buffer *out = &tls->flight;
	size_t extensions;
	unsigned int i;
	size_t mark;

	signet_put_number(out, TLS_LEGACY_VERSION, 2);
	signet_put_bytes(out, tls->random, sizeof(tls->random));
	signet_put_number(out, tls->session_id_len, 1);
	signet_put_bytes(out, tls->session_id, tls->session_id_len);
	mark = signet_put_open(out, 2);
	for (i = 0; i < offer->cipher_count; i++)
		signet_put_number(out, offer->ciphers[i], 2);
	signet_put_close(out, mark, 2);
	signet_put_number(out, 0x0100, 2); /* one compression method: none */

	extensions = signet_put_open(out, 2);
	signet_put_number(out, TLS_EXT_SUPPORTED_VERSIONS, 2);
	signet_put_number(out, 3, 2);
	signet_put_number(out, 2, 1);
	signet_put_number(out, TLS_VERSION_13, 2);

	signet_put_number(out, TLS_EXT_SUPPORTED_GROUPS, 2);
	signet_put_number(out, 2 + 2 * offer->group_count, 2);
	signet_put_number(out, 2 * offer->group_count, 2);
	for (i = 0; i < offer->group_count; i++)
		signet_put_number(out, offer->groups[i], 2);

	signet_put_signature_algorithms(out);

	signet_put_number(out, TLS_EXT_KEY_SHARE, 2);
	mark = signet_put_open(out, 2);
	i = signet_put_open(out, 2);
	put_shares(tls, out);
	signet_put_close(out, i, 2);
	signet_put_close(out, mark, 2);

	if (offer->alpn) {
		signet_put_number(out, TLS_EXT_ALPN, 2);
		signet_put_number(out, 2 + 1 + strlen(SIGNET_TLS_ALPN), 2);
		signet_put_number(out, 1 + strlen(SIGNET_TLS_ALPN), 2);
		signet_put_number(out, strlen(SIGNET_TLS_ALPN), 1);
		signet_put_bytes(out, SIGNET_TLS_ALPN, strlen(SIGNET_TLS_ALPN));
	}
	if (cookie.len) {
		signet_put_number(out, TLS_EXT_COOKIE, 2);
		signet_put_number(out, 2 + cookie.len, 2);
		signet_put_number(out, cookie.len, 2);
		signet_put_bytes(out, cookie.data, cookie.len);
	}
	signet_put_close(out, extensions, 2);
	signet_tls_message_end(tls, message);
}

void signet_server_hello_write(struct signet_tls *tls, const struct signet_key_share *share)
{
	size_t message = signet_tls_message_begin(tls, TLS_SERVER_HELLO);
	struct signet_buffer *out = &tls->flight;
	u8 random[TLS_RANDOM_SIZE];
	size_t extensions;

	if (share)
		signet_random(random, sizeof(random));
	else
		memcpy(random, retry_random, sizeof(random));
	signet_put_number(out, TLS_LEGACY_VERSION, 2);
	signet_put_bytes(out, random, sizeof(random));
	signet_put_number(out, tls->session_id_len, 1);
	signet_put_bytes(out, tls->session_id, tls->session_id_len);
	signet_put_number(out, tls->cipher, 2);
	signet_put_number(out, 0, 1); /* compression */

	extensions = signet_put_open(out, 2);
	signet_put_number(out, TLS_EXT_SUPPORTED_VERSIONS, 2);
	signet_put_number(out, 2, 2);
	signet_put_number(out, TLS_VERSION_13, 2);
	signet_put_number(out, TLS_EXT_KEY_SHARE, 2);
	if (share) {
		size_t size = signet_group_public_size(share->group);

		signet_put_number(out, 2 + 2 + size, 2);
		signet_put_number(out, share->group, 2);
		signet_put_number(out, size, 2);
		signet_put_bytes(out, share->public, size);
	} else {
		signet_put_number(out, 2, 2);
		signet_put_number(out, tls->group, 2);
	}
	signet_put_close(out, extensions, 2);
	signet_tls_message_end(tls, message);
}
