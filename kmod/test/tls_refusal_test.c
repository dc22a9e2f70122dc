// SPDX-License-Identifier: GPL-2.0
/*
 * Messages and records that break the protocol: each is refused with its own alert, which the
 * sender understands. Somebody in the middle changes what a sound peer sent.
 */
#include "test.h"
#include "tls_fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum operation {
	SET, /* bytes at @offset of the body; negative: from its end */
	REPLACE, /* the whole body */
	TRUNCATE, /* the body by @offset bytes */
	APPEND, /* to the body */
	RETYPE, /* the message to type @offset */
	REMOVE_EXTENSION,
	SET_EXTENSION,
	ADD_EXTENSION, /* at the end */
	ADD_FIRST_EXTENSION,
	DUPLICATE_EXTENSION,
};

struct change {
	const char *name;
	u8 message;
	u8 skip; /* messages of that type to let pass */
	bool to_client;
	bool retry; /* the server only has P-256 */
	enum operation operation;
	int offset;
	u16 extension;
	const char *hex;
	enum signet_tls_fault fault;
	enum signet_tls_alert alert;
};

#define TO_SERVER(type) .message = (type), .to_client = false
#define TO_CLIENT(type) .message = (type), .to_client = true
#define AFTER_RETRY .retry = true, .skip = 1
#define VIOLATION(a) .fault = SIGNET_TLS_PROTOCOL, .alert = SIGNET_ALERT_##a
#define NOT_SHARED(a) .fault = SIGNET_TLS_NO_SHARED_PARAMETERS, .alert = SIGNET_ALERT_##a
#define CERTIFICATE(a) .fault = SIGNET_TLS_PEER_CERTIFICATE, .alert = SIGNET_ALERT_##a
#define ZEROS_32 "0000000000000000000000000000000000000000000000000000000000000000"

static const struct change changes[] = {
	/* ClientHello */
	{ "older client", TO_SERVER(1), .operation = REMOVE_EXTENSION, .extension = 43,
	  NOT_SHARED(PROTOCOL_VERSION) },
	{ "client offers TLS 1.2 only", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 43,
	  .hex = "020303", NOT_SHARED(PROTOCOL_VERSION) },
	{ "versions of odd length", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 43,
	  .hex = "03030403", VIOLATION(DECODE_ERROR) },
	{ "no supported_groups", TO_SERVER(1), .operation = REMOVE_EXTENSION, .extension = 10,
	  VIOLATION(MISSING_EXTENSION) },
	{ "no key_share", TO_SERVER(1), .operation = REMOVE_EXTENSION, .extension = 51,
	  VIOLATION(MISSING_EXTENSION) },
	{ "no signature_algorithms", TO_SERVER(1), .operation = REMOVE_EXTENSION, .extension = 13,
	  VIOLATION(MISSING_EXTENSION) },
	{ "only RSA-PSS", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 13,
	  .hex = "00020804", NOT_SHARED(HANDSHAKE_FAILURE) },
	{ "extension twice", TO_SERVER(1), .operation = DUPLICATE_EXTENSION, .extension = 10,
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "PSK without modes", TO_SERVER(1), .operation = ADD_EXTENSION, .extension = 41,
	  .hex = "00", VIOLATION(MISSING_EXTENSION) },
	{ "PSK not last", TO_SERVER(1), .operation = ADD_FIRST_EXTENSION, .extension = 41,
	  .hex = "00", VIOLATION(ILLEGAL_PARAMETER) },
	{ "early data", TO_SERVER(1), .operation = ADD_EXTENSION, .extension = 42, .hex = "",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "share for a group not offered", TO_SERVER(1), .operation = SET_EXTENSION,
	  .extension = 51, .hex = "0005 0018 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },
	{ "share twice", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "000a 001d 0001 aa 001d 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },
	{ "share too short", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "0005 001d 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },
	{ "share of low order", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "0024 001d 0020" ZEROS_32, VIOLATION(ILLEGAL_PARAMETER) },
	{ "P-256 share that is no point", TO_SERVER(1), .operation = SET_EXTENSION,
	  .extension = 51, .hex = "0045 0017 0041 04" ZEROS_32 ZEROS_32,
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "share cut off", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "0005 001d 0002 aa", VIOLATION(DECODE_ERROR) },
	{ "empty share", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "0004 001d 0000", VIOLATION(DECODE_ERROR) },
	{ "empty ALPN", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 16, .hex = "0000",
	  VIOLATION(DECODE_ERROR) },
	{ "ALPN with an empty name", TO_SERVER(1), .operation = SET_EXTENSION, .extension = 16,
	  .hex = "0003 00 01 61", VIOLATION(DECODE_ERROR) },
	{ "unknown ciphers", TO_SERVER(1), .operation = SET, .offset = 69, .hex = "13021304",
	  NOT_SHARED(HANDSHAKE_FAILURE) },
	{ "ciphers of odd length", TO_SERVER(1), .operation = SET, .offset = 67, .hex = "0003",
	  VIOLATION(DECODE_ERROR) },
	{ "compression", TO_SERVER(1), .operation = SET, .offset = 74, .hex = "01",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "session ID too long", TO_SERVER(1), .operation = SET, .offset = 34, .hex = "21",
	  VIOLATION(DECODE_ERROR) },
	{ "ClientHello cut off", TO_SERVER(1), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "ClientHello with a tail", TO_SERVER(1), .operation = APPEND, .hex = "00",
	  VIOLATION(DECODE_ERROR) },
	{ "empty ClientHello", TO_SERVER(1), .operation = REPLACE, .hex = "",
	  VIOLATION(DECODE_ERROR) },
	{ "first message is a ServerHello", TO_SERVER(1), .operation = RETYPE, .offset = 2,
	  VIOLATION(UNEXPECTED_MESSAGE) },

	/* The second ClientHello */
	{ "other random", TO_SERVER(1), AFTER_RETRY, .operation = SET, .offset = 2,
	  .hex = "00000000", VIOLATION(ILLEGAL_PARAMETER) },
	{ "other session ID", TO_SERVER(1), AFTER_RETRY, .operation = SET, .offset = 35,
	  .hex = "00000000", VIOLATION(ILLEGAL_PARAMETER) },
	{ "other ciphers", TO_SERVER(1), AFTER_RETRY, .operation = SET, .offset = 69,
	  .hex = "13031303", VIOLATION(ILLEGAL_PARAMETER) },
	{ "still no share", TO_SERVER(1), AFTER_RETRY, .operation = SET_EXTENSION,
	  .extension = 51, .hex = "0000", VIOLATION(ILLEGAL_PARAMETER) },
	{ "the wrong share", TO_SERVER(1), AFTER_RETRY, .operation = SET_EXTENSION,
	  .extension = 51, .hex = "0005 001d 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },

	/* The client's Certificate, CertificateVerify and Finished */
	{ "client without certificate", TO_SERVER(11), .operation = REPLACE, .hex = "00 000000",
	  .fault = SIGNET_TLS_PEER_NO_CERTIFICATE, .alert = SIGNET_ALERT_CERTIFICATE_REQUIRED },
	{ "client's context", TO_SERVER(11), .operation = REPLACE, .hex = "01 aa 000000",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "client's chain cut off", TO_SERVER(11), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "client's certificate is garbage", TO_SERVER(11), .operation = REPLACE,
	  .hex = "00 000006 000001 30 0000", CERTIFICATE(BAD_CERTIFICATE) },
	{ "empty certificate", TO_SERVER(11), .operation = REPLACE, .hex = "00 000005 000000 0000",
	  VIOLATION(DECODE_ERROR) },
	{ "client's chain too long", TO_SERVER(11), .operation = REPLACE,
	  .hex = "00 00001e 000001300000 000001300000 000001300000 000001300000 000001300000",
	  CERTIFICATE(BAD_CERTIFICATE) },
	{ "extension nobody asked for", TO_SERVER(11), .operation = REPLACE,
	  .hex = "00 00000a 000001 30 0004 00050000", VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "client proves by RSA", TO_SERVER(15), .operation = SET, .hex = "0804",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "client's signature changed", TO_SERVER(15), .operation = SET, .offset = -1, .hex = "99",
	  VIOLATION(DECRYPT_ERROR) },
	{ "client's signature is no DER", TO_SERVER(15), .operation = SET, .offset = 4,
	  .hex = "31", VIOLATION(DECRYPT_ERROR) },
	{ "client's signature is empty", TO_SERVER(15), .operation = REPLACE, .hex = "0403 0000",
	  VIOLATION(DECRYPT_ERROR) },
	{ "client's proof cut off", TO_SERVER(15), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "client's proof left out", TO_SERVER(15), .operation = RETYPE, .offset = 20,
	  VIOLATION(UNEXPECTED_MESSAGE) },
	{ "client's Finished changed", TO_SERVER(20), .operation = SET, .hex = "00000000",
	  VIOLATION(DECRYPT_ERROR) },
	{ "client's Finished too short", TO_SERVER(20), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "client's Finished too long", TO_SERVER(20), .operation = APPEND, .hex = "00",
	  VIOLATION(DECODE_ERROR) },

	/* ServerHello */
	{ "cipher not offered", TO_CLIENT(2), .operation = SET, .offset = 67, .hex = "1302",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "server compresses", TO_CLIENT(2), .operation = SET, .offset = 69, .hex = "01",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "session ID not echoed", TO_CLIENT(2), .operation = SET, .offset = 35, .hex = "00000000",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "server speaks TLS 1.2", TO_CLIENT(2), .operation = REMOVE_EXTENSION, .extension = 43,
	  NOT_SHARED(PROTOCOL_VERSION) },
	{ "server speaks TLS 1.1", TO_CLIENT(2), .operation = SET, .hex = "0302",
	  NOT_SHARED(PROTOCOL_VERSION) },
	{ "downgrade to TLS 1.2", TO_CLIENT(2), .operation = SET,
	  .hex = "0302 000000000000000000000000000000000000000000000000 444f574e47524401",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "downgrade to TLS 1.1", TO_CLIENT(2), .operation = SET,
	  .hex = "0302 000000000000000000000000000000000000000000000000 444f574e47524400",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "version not offered", TO_CLIENT(2), .operation = SET_EXTENSION, .extension = 43,
	  .hex = "0303", VIOLATION(ILLEGAL_PARAMETER) },
	{ "server's version cut off", TO_CLIENT(2), .operation = SET_EXTENSION, .extension = 43,
	  .hex = "030400", VIOLATION(DECODE_ERROR) },
	{ "server without share", TO_CLIENT(2), .operation = REMOVE_EXTENSION, .extension = 51,
	  VIOLATION(MISSING_EXTENSION) },
	{ "share of another group", TO_CLIENT(2), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "0017 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },
	{ "server's share of low order", TO_CLIENT(2), .operation = SET_EXTENSION,
	  .extension = 51, .hex = "001d 0020" ZEROS_32, VIOLATION(ILLEGAL_PARAMETER) },
	{ "server's share too short", TO_CLIENT(2), .operation = SET_EXTENSION, .extension = 51,
	  .hex = "001d 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },
	{ "extension not offered", TO_CLIENT(2), .operation = ADD_EXTENSION, .extension = 0xff01,
	  .hex = "00", VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "PSK selected", TO_CLIENT(2), .operation = ADD_EXTENSION, .extension = 41,
	  .hex = "0000", VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "ALPN in ServerHello", TO_CLIENT(2), .operation = ADD_EXTENSION, .extension = 16,
	  .hex = "0003 02 6832", VIOLATION(ILLEGAL_PARAMETER) },
	{ "cookie in ServerHello", TO_CLIENT(2), .operation = ADD_EXTENSION, .extension = 44,
	  .hex = "0001 aa", VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "server's extension twice", TO_CLIENT(2), .operation = DUPLICATE_EXTENSION,
	  .extension = 51, VIOLATION(ILLEGAL_PARAMETER) },
	{ "ServerHello cut off", TO_CLIENT(2), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "server answers with a Finished", TO_CLIENT(2), .operation = RETYPE, .offset = 20,
	  VIOLATION(UNEXPECTED_MESSAGE) },

	/* HelloRetryRequest and what follows */
	{ "retry for the share that was sent", TO_CLIENT(2), .retry = true,
	  .operation = SET_EXTENSION, .extension = 51, .hex = "001d",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "retry for a group not offered", TO_CLIENT(2), .retry = true,
	  .operation = SET_EXTENSION, .extension = 51, .hex = "0018",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "retry for nothing", TO_CLIENT(2), .retry = true, .operation = REMOVE_EXTENSION,
	  .extension = 51, VIOLATION(ILLEGAL_PARAMETER) },
	{ "retry with an empty cookie", TO_CLIENT(2), .retry = true, .operation = ADD_EXTENSION,
	  .extension = 44, .hex = "0000", VIOLATION(DECODE_ERROR) },
	{ "other cipher after retry", TO_CLIENT(2), AFTER_RETRY, .operation = SET, .offset = 67,
	  .hex = "1303", VIOLATION(ILLEGAL_PARAMETER) },
	{ "other group after retry", TO_CLIENT(2), AFTER_RETRY, .operation = SET_EXTENSION,
	  .extension = 51, .hex = "001d 0001 aa", VIOLATION(ILLEGAL_PARAMETER) },

	/* EncryptedExtensions */
	{ "unknown extension", TO_CLIENT(8), .operation = ADD_EXTENSION, .extension = 0xfafa,
	  .hex = "", VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "server name", TO_CLIENT(8), .operation = ADD_EXTENSION, .extension = 0, .hex = "",
	  VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "misplaced extension", TO_CLIENT(8), .operation = ADD_EXTENSION, .extension = 51,
	  .hex = "", VIOLATION(ILLEGAL_PARAMETER) },
	{ "early data accepted", TO_CLIENT(8), .operation = ADD_EXTENSION, .extension = 42,
	  .hex = "", VIOLATION(UNSUPPORTED_EXTENSION) },
	{ "another protocol", TO_CLIENT(8), .operation = SET_EXTENSION, .extension = 16,
	  .hex = "0003 02 6832", VIOLATION(ILLEGAL_PARAMETER) },
	{ "two protocols", TO_CLIENT(8), .operation = SET_EXTENSION, .extension = 16,
	  .hex = "0006 02 6832 02 6833", VIOLATION(DECODE_ERROR) },
	{ "ALPN twice", TO_CLIENT(8), .operation = DUPLICATE_EXTENSION, .extension = 16,
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "EncryptedExtensions with a tail", TO_CLIENT(8), .operation = APPEND, .hex = "00",
	  VIOLATION(DECODE_ERROR) },
	{ "EncryptedExtensions left out", TO_CLIENT(8), .operation = RETYPE, .offset = 13,
	  VIOLATION(UNEXPECTED_MESSAGE) },

	/* CertificateRequest */
	{ "request with a context", TO_CLIENT(13), .operation = REPLACE,
	  .hex = "01 aa 0008 000d 0004 0002 0403", VIOLATION(ILLEGAL_PARAMETER) },
	{ "request without algorithms", TO_CLIENT(13), .operation = REMOVE_EXTENSION,
	  .extension = 13, VIOLATION(MISSING_EXTENSION) },
	{ "request for RSA", TO_CLIENT(13), .operation = SET_EXTENSION, .extension = 13,
	  .hex = "0002 0804", NOT_SHARED(HANDSHAKE_FAILURE) },
	{ "request cut off", TO_CLIENT(13), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "no request", TO_CLIENT(13), .operation = RETYPE, .offset = 11,
	  NOT_SHARED(HANDSHAKE_FAILURE) },

	/* The server's Certificate, CertificateVerify and Finished */
	{ "server without certificate", TO_CLIENT(11), .operation = REPLACE, .hex = "00 000000",
	  VIOLATION(DECODE_ERROR) },
	{ "server's context", TO_CLIENT(11), .operation = REPLACE, .hex = "01 aa 000000",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "server's certificate is garbage", TO_CLIENT(11), .operation = REPLACE,
	  .hex = "00 000006 000001 30 0000", CERTIFICATE(BAD_CERTIFICATE) },
	{ "server proves by SHA-1", TO_CLIENT(15), .operation = SET, .hex = "0203",
	  VIOLATION(ILLEGAL_PARAMETER) },
	{ "server's signature changed", TO_CLIENT(15), .operation = SET, .offset = -1,
	  .hex = "99", VIOLATION(DECRYPT_ERROR) },
	{ "server's proof left out", TO_CLIENT(15), .operation = RETYPE, .offset = 20,
	  VIOLATION(UNEXPECTED_MESSAGE) },
	{ "server's Finished changed", TO_CLIENT(20), .operation = SET, .hex = "00000000",
	  VIOLATION(DECRYPT_ERROR) },
	{ "server's Finished too short", TO_CLIENT(20), .operation = TRUNCATE, .offset = 31,
	  VIOLATION(DECODE_ERROR) },

	/* The ticket */
	{ "ticket cut off", TO_CLIENT(4), .operation = TRUNCATE, .offset = 1,
	  VIOLATION(DECODE_ERROR) },
	{ "empty ticket", TO_CLIENT(4), .operation = REPLACE,
	  .hex = "00000000 00000000 00 0000 0000", VIOLATION(DECODE_ERROR) },
	{ "KeyUpdate instead of the ticket", TO_CLIENT(4), .operation = RETYPE, .offset = 24,
	  VIOLATION(UNEXPECTED_MESSAGE) },
};

/* Offset of the extensions' length in a message, header included. */
static size_t extensions_of(const u8 *message)
{
	size_t at = 4;

	switch (message[0]) {
	case TLS_CLIENT_HELLO:
		at += 34;
		at += 1 + message[at];
		at += 2 + (message[at] << 8 | message[at + 1]);
		return at + 1 + message[at];
	case TLS_SERVER_HELLO:
		at += 34;
		return at + 1 + message[at] + 3;
	case TLS_CERTIFICATE_REQUEST:
		return at + 1 + message[at];
	default:
		return at;
	}
}

/* Offset of extension @type, or of the end of them all; 0 when it should be there and isn't. */
static size_t find_extension(const u8 *message, u16 type, size_t *size)
{
	size_t at = extensions_of(message);
	size_t end = at + 2 + (message[at] << 8 | message[at + 1]);

	for (at += 2; at < end; at += *size) {
		*size = 4 + (message[at + 2] << 8 | message[at + 3]);
		if ((message[at] << 8 | message[at + 1]) == type)
			return at;
	}
	*size = 0;
	return end;
}

/* Replaces @size bytes of extensions at @at, correcting the length of them all too. */
static void splice_extension(struct wire_content *content, u8 *message, size_t at, size_t size,
			     const u8 *data, size_t len)
{
	size_t block = extensions_of(message);
	size_t total = (message[block] << 8 | message[block + 1]) + len - size;

	wire_splice(content, message, at, size, data, len);
	message[block] = total >> 8;
	message[block + 1] = total;
}

static void apply(struct wire *wire, struct wire_content *content)
{
	const struct change *change = wire->edit_argument;
	u8 data[512];
	size_t len = change->hex ? test_hex(change->hex, data + 4, sizeof(data) - 4) : 0;
	size_t size, at, extension_size = 0;
	u8 *message;

	if ((content->to == wire->client) != change->to_client)
		return;
	message = wire_message(content, change->message, &size);
	if (!message || wire->edits++ != change->skip)
		return;
	data[0] = change->extension >> 8;
	data[1] = change->extension;
	data[2] = len >> 8;
	data[3] = len;
	at = 4;
	if (change->operation >= REMOVE_EXTENSION)
		at = find_extension(message, change->extension, &extension_size);
	switch (change->operation) {
	case SET:
		memcpy(change->offset < 0 ? message + size + change->offset :
					    message + 4 + change->offset,
		       data + 4, len);
		break;
	case REPLACE:
		wire_splice(content, message, 4, size - 4, data + 4, len);
		break;
	case TRUNCATE:
		wire_splice(content, message, size - change->offset, change->offset, NULL, 0);
		break;
	case APPEND:
		wire_splice(content, message, size, 0, data + 4, len);
		break;
	case RETYPE:
		message[0] = change->offset;
		break;
	case REMOVE_EXTENSION:
		CHECK(extension_size, "%s: the extension is there", change->name);
		splice_extension(content, message, at, extension_size, NULL, 0);
		break;
	case SET_EXTENSION:
		CHECK(extension_size, "%s: the extension is there", change->name);
		splice_extension(content, message, at, extension_size, data, 4 + len);
		break;
	case ADD_EXTENSION:
		CHECK(!extension_size, "%s: the extension is new", change->name);
		splice_extension(content, message, at, 0, data, 4 + len);
		break;
	case ADD_FIRST_EXTENSION:
		splice_extension(content, message, extensions_of(message) + 2, 0, data, 4 + len);
		break;
	case DUPLICATE_EXTENSION:
		CHECK(extension_size, "%s: the extension is there", change->name);
		memcpy(data, message + at, extension_size);
		splice_extension(content, message, at, 0, data, extension_size);
		break;
	}
}

static void changed_messages(void)
{
	struct signet_tls_parameters p256 = {
		.ciphers = { SIGNET_AES_128_GCM_SHA256 },
		.cipher_count = 1,
		.groups = { SIGNET_SECP256R1 },
		.group_count = 1,
		.share_count = 1,
		.alpn = true,
	};
	unsigned int i;

	p256.ciphers[1] = SIGNET_CHACHA20_POLY1305_SHA256;
	p256.cipher_count = 2;
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct change *change = &changes[i];
		struct fixture fixture;

		fixture_init(&fixture);
		fixture.wire.edit = apply;
		fixture.wire.edit_argument = change;
		if (change->retry)
			fixture.server.parameters = &p256;
		fixture_run(&fixture);
		CHECK(fixture.wire.edits > change->skip, "%s: was changed", change->name);
		fixture_check_failed(&fixture,
				     change->to_client ? fixture.wire.client : fixture.wire.server,
				     change->name, change->fault, change->alert);
		fixture_free(&fixture);
	}
}

/* Something put before the nth record to one side. */
struct intrusion {
	const char *name;
	bool to_client;
	unsigned int before; /* how many contents that side has got */
	u8 type;
	const char *hex;
	enum signet_tls_alert alert; /* SIGNET_ALERT_NONE: it is accepted */
	bool ccs; /* and one after it */
};

static const struct intrusion intrusions[] = {
	{ "CCS before ClientHello", false, 0, 20, "01", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "data before ClientHello", false, 0, 23, "aa", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "empty handshake record", false, 0, 22, "", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "empty alert", false, 0, 21, "", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "alert of one byte", false, 0, 21, "02", SIGNET_ALERT_DECODE_ERROR },
	{ "two alerts in one", false, 0, 21, "02280228", SIGNET_ALERT_DECODE_ERROR },
	{ "message too large", false, 0, 22, "01 004001", SIGNET_ALERT_ILLEGAL_PARAMETER },
	{ "unknown record type", false, 1, 24, "0000", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "CCS to the server", false, 2, 20, "01", SIGNET_ALERT_NONE },
	{ "CCS of another kind", false, 1, 20, "02", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "long CCS", false, 1, 20, "0101", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "CCS in the middle of a message", false, 2, 22, "0b0000",
	  SIGNET_ALERT_UNEXPECTED_MESSAGE, .ccs = true },
	{ "data during the handshake", false, 2, 23, "48656c6c6f",
	  SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "empty protected handshake record", false, 2, 22, "", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "protected certificate too large", false, 2, 22, "0b 008001",
	  SIGNET_ALERT_ILLEGAL_PARAMETER },
	{ "CCS before ServerHello", true, 0, 20, "01", SIGNET_ALERT_NONE },
	{ "data before ServerHello", true, 0, 23, "aa", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "data before the flight", true, 2, 23, "aa", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "CCS before the ticket", true, 3, 20, "01", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "data before the ticket", true, 3, 23, "aa", SIGNET_ALERT_UNEXPECTED_MESSAGE },
	{ "record of zeros alone", true, 3, 0, "", SIGNET_ALERT_UNEXPECTED_MESSAGE },
};

static unsigned int contents;

static void intrude(struct wire *wire, struct wire_content *content)
{
	const struct intrusion *intrusion = wire->edit_argument;
	u8 data[16];
	size_t len;

	if ((content->to == wire->client) != intrusion->to_client)
		return;
	if (contents++ != intrusion->before)
		return;
	wire->edits++;
	len = test_hex(intrusion->hex, data, sizeof(data));
	wire_deliver(wire, content->to, intrusion->type, data, len);
	if (intrusion->ccs)
		wire_deliver(wire, content->to, TLS_CHANGE_CIPHER_SPEC, (const u8 *)"\1", 1);
	if (signet_tls_state(content->to) != SIGNET_TLS_NEED_RECORD)
		content->to = NULL;
}

static void intruding_records(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(intrusions); i++) {
		const struct intrusion *intrusion = &intrusions[i];
		struct signet_tls_result c, s;
		struct fixture fixture;

		contents = 0;
		fixture_init(&fixture);
		fixture.wire.edit = intrude;
		fixture.wire.edit_argument = intrusion;
		fixture_run(&fixture);
		CHECK(fixture.wire.edits == 1, "%s: happened", intrusion->name);
		if (intrusion->alert == SIGNET_ALERT_NONE)
			fixture_check_done(&fixture, intrusion->name, &c, &s);
		else
			fixture_check_failed(&fixture,
					     intrusion->to_client ? fixture.wire.client :
								    fixture.wire.server,
					     intrusion->name, SIGNET_TLS_PROTOCOL,
					     intrusion->alert);
		fixture_free(&fixture);
	}
}

/* First bytes, sent to a fresh server. */
static void first_bytes(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum signet_tls_fault fault;
		enum signet_tls_alert alert;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n", 5, SIGNET_TLS_NOT_TLS, SIGNET_ALERT_UNEXPECTED_MESSAGE },
		{ "SSH-2.0-x", 5, SIGNET_TLS_NOT_TLS, SIGNET_ALERT_UNEXPECTED_MESSAGE },
		{ "\x16\x02\x00\x00\x10", 5, SIGNET_TLS_NOT_TLS, SIGNET_ALERT_UNEXPECTED_MESSAGE },
		{ "\x16\x03\x01\x40\x01", 5, SIGNET_TLS_PROTOCOL, SIGNET_ALERT_RECORD_OVERFLOW },
		{ "\x16\x03\x01\x00\x00", 5, SIGNET_TLS_PROTOCOL, SIGNET_ALERT_UNEXPECTED_MESSAGE },
		{ "\x15\x03\x01\x00\x02\x02\x28", 7, SIGNET_TLS_PEER_ALERT,
		  SIGNET_ALERT_HANDSHAKE_FAILURE },
		{ "\x15\x03\x01\x00\x02\x01\x00", 7, SIGNET_TLS_PEER_ALERT,
		  SIGNET_ALERT_CLOSE_NOTIFY },
		{ "\x16\x03\x01\x00\x10", 5, SIGNET_TLS_INTERNAL, SIGNET_ALERT_INTERNAL_ERROR },
		{ "\x16\x03", 2, SIGNET_TLS_INTERNAL, SIGNET_ALERT_INTERNAL_ERROR },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture fixture;
		enum signet_tls_alert alert;
		u8 *record = malloc(cases[i].len);

		memcpy(record, cases[i].bytes, cases[i].len);
		fixture_init(&fixture);
		CHECK(fixture_start(&fixture), "start");
		CHECK(signet_tls_input(fixture.wire.server, record, cases[i].len) ==
				      SIGNET_TLS_FAILED &&
			      signet_tls_fault(fixture.wire.server, &alert, NULL) ==
				      cases[i].fault &&
			      alert == cases[i].alert,
		      "first bytes %u: fault and alert", i);
		CHECK(signet_tls_record_length(fixture.wire.server, (const u8 *)"\x16\x03\x01\0\1") ==
			      -EPROTO,
		      "first bytes %u: nothing is read after", i);
		CHECK(!!signet_tls_output(fixture.wire.server).len ==
			      (cases[i].fault != SIGNET_TLS_PEER_ALERT),
		      "first bytes %u: an alert, but none for an alert", i);
		fixture_free(&fixture);
		free(record);
	}
}

/* A bit of each byte of each protected record changes: bad_record_mac. */
static void changed_ciphertext(void)
{
	struct fixture fixture;
	struct signet_bytes out;
	u8 *copy;
	size_t len;

	fixture_init(&fixture);
	CHECK(fixture_start(&fixture), "start");
	out = signet_tls_output(fixture.wire.client);
	copy = malloc(out.len);
	memcpy(copy, out.data, out.len);
	CHECK(signet_tls_input(fixture.wire.server, copy, out.len) == SIGNET_TLS_NEED_RECORD,
	      "ClientHello");
	free(copy);
	signet_tls_output_consume(fixture.wire.client, out.len);
	for (;;) {
		out = signet_tls_output(fixture.wire.server);
		if (!CHECK(out.len, "the server has a protected record"))
			break;
		len = 5 + (out.data[3] << 8 | out.data[4]);
		copy = malloc(len);
		memcpy(copy, out.data, len);
		signet_tls_output_consume(fixture.wire.server, len);
		if (copy[0] == TLS_APPLICATION_DATA) {
			copy[len / 2] ^= 1;
			CHECK(signet_tls_input(fixture.wire.client, copy, len) ==
				      SIGNET_TLS_FAILED,
			      "a changed record");
			free(copy);
			break;
		}
		signet_tls_input(fixture.wire.client, copy, len);
		free(copy);
	}
	wire_run(&fixture.wire);
	fixture_check_failed(&fixture, fixture.wire.client, "changed ciphertext",
			     SIGNET_TLS_PROTOCOL, SIGNET_ALERT_BAD_RECORD_MAC);
	fixture_free(&fixture);
}

/* Nothing may follow a message after which the keys change or the other speaks. */
static void append_message(struct wire *wire, struct wire_content *content)
{
	const u8 *last = wire->edit_argument;
	size_t size;

	if (!wire_message(content, *last, &size))
		return;
	wire->edits++;
	memcpy(content->data + content->len, "\x08\x00\x00\x02\x00\x00", 6);
	content->len += 6;
}

static void messages_after_the_last(void)
{
	static const struct {
		u8 last;
		bool to_client;
	} cases[] = { { 1, false }, { 2, true }, { 20, true }, { 4, true } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture fixture;

		fixture_init(&fixture);
		fixture.wire.edit = append_message;
		fixture.wire.edit_argument = &cases[i].last;
		fixture_run(&fixture);
		CHECK(fixture.wire.edits, "message %u came", cases[i].last);
		fixture_check_failed(&fixture,
				     cases[i].to_client ? fixture.wire.client : fixture.wire.server,
				     "a message too many", SIGNET_TLS_PROTOCOL,
				     SIGNET_ALERT_UNEXPECTED_MESSAGE);
		fixture_free(&fixture);
	}
}

/* The cookie of a HelloRetryRequest comes back in the second ClientHello. */
static void add_cookie(struct wire *wire, struct wire_content *content)
{
	static const u8 cookie[] = { 0, 44, 0, 6, 0, 4, 0xc0, 0x0c, 0x1e, 0x55 };
	size_t size, extension_size;
	u8 *message;
	size_t at;

	message = wire_message(content, TLS_SERVER_HELLO, &size);
	if (message && !wire->edits) {
		at = find_extension(message, 44, &extension_size);
		splice_extension(content, message, at, 0, cookie, sizeof(cookie));
		wire->edits = 1;
		return;
	}
	message = wire_message(content, TLS_CLIENT_HELLO, &size);
	if (message && wire->edits == 1) {
		at = find_extension(message, 44, &extension_size);
		CHECK(extension_size == sizeof(cookie) && !memcmp(message + at, cookie, 10),
		      "the cookie is echoed");
		wire->edits = 2;
	}
}

static void cookie_is_echoed(void)
{
	static const struct signet_tls_parameters p256 = {
		.ciphers = { SIGNET_AES_128_GCM_SHA256 },
		.cipher_count = 1,
		.groups = { SIGNET_SECP256R1 },
		.group_count = 1,
		.share_count = 1,
		.alpn = true,
	};
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.server.parameters = &p256;
	fixture.wire.edit = add_cookie;
	fixture_run(&fixture);
	CHECK(fixture.wire.edits == 2, "a second ClientHello came");
	fixture_free(&fixture);
}

/* A HelloRetryRequest after a HelloRetryRequest. */
static void retry_twice(struct wire *wire, struct wire_content *content)
{
	static u8 first[512];
	static size_t first_len;
	size_t size;

	if (content->to != wire->client || !wire_message(content, TLS_SERVER_HELLO, &size))
		return;
	if (!wire->edits++) {
		memcpy(first, content->data, content->len);
		first_len = content->len;
		return;
	}
	memcpy(content->data, first, first_len);
	content->len = first_len;
}

static void second_retry_is_refused(void)
{
	static const struct signet_tls_parameters p256 = {
		.ciphers = { SIGNET_AES_128_GCM_SHA256 },
		.cipher_count = 1,
		.groups = { SIGNET_SECP256R1 },
		.group_count = 1,
		.share_count = 1,
	};
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.server.parameters = &p256;
	fixture.wire.edit = retry_twice;
	fixture_run(&fixture);
	CHECK(fixture.wire.edits == 2, "two ServerHellos");
	fixture_check_failed(&fixture, fixture.wire.client, "second retry", SIGNET_TLS_PROTOCOL,
			     SIGNET_ALERT_UNEXPECTED_MESSAGE);
	fixture_free(&fixture);
}

/* What a good peer may do: unknown extensions, unknown protocols, padding. */
static void be_greasy(struct wire *wire, struct wire_content *content)
{
	static const u8 grease[] = { 0x2a, 0x2a, 0, 1, 0 };
	size_t size;
	u8 *message = wire_message(content, *(const u8 *)wire->edit_argument, &size);

	if (!message || wire->edits++)
		return;
	splice_extension(content, message, extensions_of(message) + 2, 0, grease, sizeof(grease));
}

static void unknown_extensions_are_ignored(void)
{
	static const u8 messages[] = { TLS_CLIENT_HELLO, TLS_CERTIFICATE_REQUEST };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		struct fixture fixture;
		enum signet_tls_alert alert;

		fixture_init(&fixture);
		fixture.wire.edit = be_greasy;
		fixture.wire.edit_argument = &messages[i];
		fixture_run(&fixture);
		/* The hashes differ by what was put in, so it ends, but not at that message. */
		signet_tls_fault(i ? fixture.wire.client : fixture.wire.server, &alert, NULL);
		CHECK(fixture.wire.edits == 1 && (alert == SIGNET_ALERT_DECRYPT_ERROR ||
						  alert == SIGNET_ALERT_BAD_RECORD_MAC),
		      "message %u: unknown extensions do no harm: %d", messages[i], alert);
		fixture_free(&fixture);
	}
}

static void texts(void)
{
	enum signet_tls_fault fault;

	for (fault = SIGNET_TLS_OK; fault <= SIGNET_TLS_INTERNAL; fault++)
		CHECK(strlen(signet_tls_fault_text(fault)) > 5 &&
			      strcmp(signet_tls_fault_text(fault), "an unknown fault"),
		      "fault %d has its sentence", fault);
	signet_tls_free(NULL);
}

int main(void)
{
	fixture_pki();
	changed_messages();
	intruding_records();
	first_bytes();
	changed_ciphertext();
	messages_after_the_last();
	cookie_is_echoed();
	second_retry_is_refused();
	unknown_extensions_are_ignored();
	texts();
	fixture_end();
	return test_end("tls_refusal");
}
