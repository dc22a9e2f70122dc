/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TLS 1.3 handshake (RFC 8446), certificates on both sides, as a machine without I/O: records go
 * in, records come out, and at the end there are traffic keys. One thread at a time per handshake.
 */
#ifndef SIGNET_CORE_TLS_H
#define SIGNET_CORE_TLS_H

#include "core/x509/x509.h"

#define SIGNET_TLS_HEADER_SIZE 5
#define SIGNET_TLS_CIPHERTEXT_MAX (16384 + 256)
#define SIGNET_TLS_ALPN "signet/1"

enum signet_tls_role {
	SIGNET_TLS_CLIENT,
	SIGNET_TLS_SERVER,
};

enum signet_tls_state {
	SIGNET_TLS_NEED_RECORD, /* send what output there is, then feed one record */
	SIGNET_TLS_DONE, /* send what output there is, then take the keys */
	SIGNET_TLS_FAILED, /* send what output there is (an alert), then close */
};

/* Alerts that the core sends or understands (RFC 8446, 6). */
enum signet_tls_alert {
	SIGNET_ALERT_CLOSE_NOTIFY = 0,
	SIGNET_ALERT_UNEXPECTED_MESSAGE = 10,
	SIGNET_ALERT_BAD_RECORD_MAC = 20,
	SIGNET_ALERT_RECORD_OVERFLOW = 22,
	SIGNET_ALERT_HANDSHAKE_FAILURE = 40,
	SIGNET_ALERT_BAD_CERTIFICATE = 42,
	SIGNET_ALERT_UNSUPPORTED_CERTIFICATE = 43,
	SIGNET_ALERT_CERTIFICATE_REVOKED = 44,
	SIGNET_ALERT_CERTIFICATE_EXPIRED = 45,
	SIGNET_ALERT_CERTIFICATE_UNKNOWN = 46,
	SIGNET_ALERT_ILLEGAL_PARAMETER = 47,
	SIGNET_ALERT_UNKNOWN_CA = 48,
	SIGNET_ALERT_ACCESS_DENIED = 49,
	SIGNET_ALERT_DECODE_ERROR = 50,
	SIGNET_ALERT_DECRYPT_ERROR = 51,
	SIGNET_ALERT_PROTOCOL_VERSION = 70,
	SIGNET_ALERT_INSUFFICIENT_SECURITY = 71,
	SIGNET_ALERT_INTERNAL_ERROR = 80,
	SIGNET_ALERT_USER_CANCELED = 90,
	SIGNET_ALERT_MISSING_EXTENSION = 109,
	SIGNET_ALERT_UNSUPPORTED_EXTENSION = 110,
	SIGNET_ALERT_CERTIFICATE_REQUIRED = 116,
	SIGNET_ALERT_NO_APPLICATION_PROTOCOL = 120,
	SIGNET_ALERT_NONE = 255,
};

/*
 * The local identity: key and chain of one moment, immutable. The module wraps it in a reference
 * count and wipes the secret with the last one.
 */
struct signet_tls_credential {
	u8 secret[SIGNET_P256_SCALAR_SIZE];
	struct signet_bytes chain[SIGNET_CHAIN_MAX];
	size_t chain_count;
};

/* Why a handshake failed. Maps one to one onto the netlink reasons. */
enum signet_tls_fault {
	SIGNET_TLS_OK,
	SIGNET_TLS_NOT_TLS, /* the first bytes are no TLS record */
	SIGNET_TLS_PROTOCOL,
	SIGNET_TLS_NO_SHARED_PARAMETERS, /* version, cipher, group, signature; or no mutual TLS */
	SIGNET_TLS_PEER_ALERT,
	SIGNET_TLS_PEER_NO_CERTIFICATE,
	SIGNET_TLS_PEER_CERTIFICATE, /* see x509_fault */
	SIGNET_TLS_REFUSED, /* by the verify callback, or signet_tls_abort() */
	SIGNET_TLS_NO_MEMORY,
	SIGNET_TLS_INTERNAL,
};

/* What is offered and accepted, most wanted first. */
struct signet_tls_parameters {
	u16 ciphers[2];
	u8 cipher_count;
	u16 groups[2];
	u8 group_count;
	u8 share_count; /* client: key shares for this many of @groups, at least one */
	bool alpn; /* "signet/1" */
};

struct signet_tls_config {
	enum signet_tls_role role;
	/* NULL: both ciphers, AES-128-GCM and X25519 first, one key share, ALPN. */
	const struct signet_tls_parameters *parameters;
	const struct signet_tls_credential *credential; /* outlives the handshake */
	const struct signet_anchors *anchors; /* outlives the handshake; signet_tls_set_anchors() */
	s64 now; /* seconds since 1970; signet_tls_set_time() */
	/*
	 * Judges the peer after it has proven possession of its key and before anything is sent
	 * that accepts it: revocations and policy. Returns SIGNET_ALERT_NONE to accept, else the
	 * alert to send. @leaf is what signet_tls_peer() gives.
	 */
	enum signet_tls_alert (*verify)(void *ctx, const struct signet_certificate *leaf);
	void *ctx;
};

struct signet_tls; /* a handshake */

/* NULL without memory. A client has its ClientHello as output at once. */
struct signet_tls *signet_tls_new(const struct signet_tls_config *config);
/* Wipes and frees. NULL is fine. */
void signet_tls_free(struct signet_tls *tls);

/*
 * Given the 5 header bytes: the length of the body to read, or -EPROTO when it is no record that
 * may come now (then call signet_tls_input with just the header, which fails with the right alert).
 */
int signet_tls_record_length(struct signet_tls *tls, const u8 header[SIGNET_TLS_HEADER_SIZE]);

/* Time has gone on: by this the peer's chain is judged when it comes. */
void signet_tls_set_time(struct signet_tls *tls, s64 now);

/* Of the roots that there are when the peer may speak: a ClientHello needs none. */
void signet_tls_set_anchors(struct signet_tls *tls, const struct signet_anchors *anchors);

/* Feed one whole record, header included. The bytes are decrypted in place. */
enum signet_tls_state signet_tls_input(struct signet_tls *tls, u8 *record, size_t len);
enum signet_tls_state signet_tls_state(const struct signet_tls *tls);

/* Bytes to send, in order; stays until consumed. */
struct signet_bytes signet_tls_output(const struct signet_tls *tls);
void signet_tls_output_consume(struct signet_tls *tls, size_t len);

/*
 * Ends the handshake from outside (deadline, revocation): queues the alert and fails. No-op once
 * it is over.
 */
void signet_tls_abort(struct signet_tls *tls, enum signet_tls_alert alert);

/* One direction's traffic secret in the shape kTLS wants: the static IV is salt and iv in one. */
struct signet_tls_keys {
	u8 key[SIGNET_AEAD_KEY_MAX];
	u8 iv[SIGNET_AEAD_NONCE_SIZE];
	u64 sequence; /* of the next record; records of the core are counted */
};

struct signet_tls_result {
	enum signet_cipher cipher;
	enum signet_group group;
	bool signet_alpn; /* both speak "signet/1" */
	struct signet_tls_keys tx;
	struct signet_tls_keys rx;
};

/*
 * After DONE, once: the keys move to the caller, who wipes them, and the handshake forgets them.
 * -EINVAL before DONE or the second time.
 */
int signet_tls_take(struct signet_tls *tls, struct signet_tls_result *result);

/* After FAILED. @alert: sent, or received when the fault is SIGNET_TLS_PEER_ALERT. */
enum signet_tls_fault signet_tls_fault(const struct signet_tls *tls, enum signet_tls_alert *alert,
				       enum signet_x509_fault *x509);
const char *signet_tls_fault_text(enum signet_tls_fault fault);

/*
 * The peer's leaf, valid until signet_tls_free, from when its chain was checked and it has proven
 * possession of the key. NULL before, so that nobody is named who wasn't there.
 */
const struct signet_certificate *signet_tls_peer(const struct signet_tls *tls);

#endif
