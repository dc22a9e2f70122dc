/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the handshake share, and nobody else includes. */
#ifndef SIGNET_CORE_TLS_INTERNAL_H
#define SIGNET_CORE_TLS_INTERNAL_H

#include "core/tls/key_schedule.h"
#include "core/tls/key_share.h"
#include "core/tls/message.h"
#include "core/tls/tls.h"

#define TLS_PLAINTEXT_MAX 16384
#define TLS_RANDOM_SIZE 32
#define TLS_SESSION_ID_MAX 32
#define TLS_VERSION_13 0x0304
#define TLS_LEGACY_VERSION 0x0303
#define TLS_ECDSA_SECP256R1_SHA256 0x0403

enum tls_content_type {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
};

enum tls_message_type {
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_NEW_SESSION_TICKET = 4,
	TLS_ENCRYPTED_EXTENSIONS = 8,
	TLS_CERTIFICATE = 11,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_CERTIFICATE_VERIFY = 15,
	TLS_FINISHED = 20,
	TLS_MESSAGE_HASH = 254,
};

enum tls_extension_type {
	TLS_EXT_SUPPORTED_GROUPS = 10,
	TLS_EXT_SIGNATURE_ALGORITHMS = 13,
	TLS_EXT_ALPN = 16,
	TLS_EXT_PRE_SHARED_KEY = 41,
	TLS_EXT_EARLY_DATA = 42,
	TLS_EXT_SUPPORTED_VERSIONS = 43,
	TLS_EXT_COOKIE = 44,
	TLS_EXT_PSK_KEY_EXCHANGE_MODES = 45,
	TLS_EXT_SIGNATURE_ALGORITHMS_CERT = 50,
	TLS_EXT_KEY_SHARE = 51,
};

/* What is waited for: the message of that name. A server skips those that only a server sends. */
enum tls_step {
	TLS_WAIT_CLIENT_HELLO,
	TLS_WAIT_SERVER_HELLO,
	TLS_WAIT_ENCRYPTED_EXTENSIONS,
	TLS_WAIT_CERTIFICATE_REQUEST,
	TLS_WAIT_CERTIFICATE,
	TLS_WAIT_CERTIFICATE_VERIFY,
	TLS_WAIT_FINISHED,
	TLS_WAIT_TICKET,
	TLS_OVER,
};

/* One direction's record protection. */
struct tls_direction {
	bool on; /* before: plaintext */
	struct signet_tls_keys keys;
};

/* A whole handshake message. */
struct tls_message {
	enum tls_message_type type;
	struct signet_bytes raw; /* with its header, as the transcript wants it */
	struct signet_bytes body;
};

/* Where one handshake is. Owned and used by one thread at a time; it has no locks. */
struct signet_tls {
	struct signet_tls_config config;
	struct signet_tls_parameters parameters;
	enum signet_tls_state state;
	enum tls_step step;
	enum signet_tls_fault fault;
	enum signet_tls_alert alert;
	enum signet_x509_fault x509_fault;

	enum signet_cipher cipher;
	enum signet_group group;
	bool signet_alpn;
	bool retried; /* a HelloRetryRequest was sent or received */
	bool spoken; /* the peer has sent a record header */
	bool compatibility; /* our change_cipher_spec is still to be sent */
	bool taken;
	u8 ccs_received;

	struct tls_direction rx;
	struct tls_direction tx;
	struct signet_tls_keys application; /* of the direction that isn't there yet */
	struct signet_key_schedule schedule;
	u8 own_secret[SIGNET_SHA256_SIZE]; /* handshake traffic secrets, for Finished */
	u8 peer_secret[SIGNET_SHA256_SIZE];
	struct signet_key_share shares[2]; /* client: in the order of parameters.groups */
	struct signet_sha256 transcript;

	u8 random[TLS_RANDOM_SIZE]; /* the client's */
	u8 session_id[TLS_SESSION_ID_MAX]; /* the client's */
	u8 session_id_len;

	struct signet_buffer partial; /* a message of which not everything came yet */
	struct signet_buffer flight; /* messages to be sealed by signet_tls_flush() */
	struct signet_buffer output; /* records */
	size_t output_sent;

	u8 *peer_der; /* backs @peer */
	struct signet_certificate peer;
	bool peer_proven;
};

/* tls.c: how a handshake ends. All three give a negative errno for the caller to return. */
int signet_tls_fail(struct signet_tls *tls, enum signet_tls_fault fault,
		    enum signet_tls_alert alert);
/* The peer broke the protocol. */
int signet_tls_violation(struct signet_tls *tls, enum signet_tls_alert alert);
/* By the errno of a primitive that can only fail here for want of memory or a bug. */
int signet_tls_broken(struct signet_tls *tls, int err);
void signet_tls_finish(struct signet_tls *tls);
/* The hash of all messages so far. */
void signet_tls_transcript(const struct signet_tls *tls, u8 hash[SIGNET_SHA256_SIZE]);
/* After HelloRetryRequest: the first ClientHello is replaced by its hash (RFC 8446, 4.4.1). */
void signet_tls_transcript_retry(struct signet_tls *tls);
/* Handle one whole message. */
int signet_tls_message(struct signet_tls *tls, const struct tls_message *message);
/* Longest body of a message of this @type that may come now, or -EPROTO. */
int signet_tls_message_max(const struct signet_tls *tls, u8 type);

/* tls_record.c */
int signet_tls_record(struct signet_tls *tls, u8 *record, size_t len);
/* The alert for a header that may not come now, else SIGNET_ALERT_NONE. */
enum signet_tls_alert signet_tls_header_check(const struct signet_tls *tls,
					      const u8 header[SIGNET_TLS_HEADER_SIZE]);
/* Begin a message in the flight; the mark goes to signet_tls_message_end(). */
size_t signet_tls_message_begin(struct signet_tls *tls, enum tls_message_type type);
/* Adds it to the transcript. */
void signet_tls_message_end(struct signet_tls *tls, size_t mark);
/* Flight to records. To be called before the keys change. 0 or, having failed, an errno. */
int signet_tls_flush(struct signet_tls *tls);
/* The change_cipher_spec of RFC 8446, D.4, once and if the client asked for it. Same errors. */
int signet_tls_compatibility_write(struct signet_tls *tls);
int signet_tls_alert_write(struct signet_tls *tls, enum signet_tls_alert alert);

/* tls_hello.c: ClientHello and ServerHello. */
struct tls_client_hello {
	const u8 *random;
	struct signet_bytes session_id;
	struct signet_bytes ciphers;
	struct signet_bytes groups;
	struct signet_bytes signature_algorithms;
	struct signet_bytes shares;
	struct signet_bytes protocols; /* ALPN */
	bool early_data;
};

struct tls_server_hello {
	bool retry; /* is a HelloRetryRequest */
	const u8 *random;
	struct signet_bytes session_id;
	u16 cipher;
	u16 group; /* 0: no key_share */
	struct signet_bytes share;
	struct signet_bytes cookie;
};

/* Walks extensions, refusing the second of a type. */
struct tls_extensions {
	struct signet_reader reader;
	u16 seen[48];
	unsigned int count;
};

/* What signet_tls_extension() found. */
struct tls_extension {
	u16 type;
	struct signet_reader body;
};

/* True with the next one. False at the end, or with *@alert set to what is wrong. */
bool signet_tls_extension(struct tls_extensions *extensions, struct tls_extension *extension,
			  enum signet_tls_alert *alert);
/* Those that a client of ours sends, which alone its server may answer. */
bool signet_tls_offered(const struct signet_tls *tls, u16 type);

/* Both return SIGNET_ALERT_NONE or what is wrong with it. */
enum signet_tls_alert signet_client_hello_parse(struct tls_client_hello *hello,
						struct signet_bytes body);
enum signet_tls_alert signet_server_hello_parse(const struct signet_tls *tls,
						struct tls_server_hello *hello,
						struct signet_bytes body);
void signet_client_hello_write(struct signet_tls *tls, struct signet_bytes cookie);
/* Answers @tls->group with @share, or asks for that group when @share is NULL. */
void signet_server_hello_write(struct signet_tls *tls, const struct signet_key_share *share);

/* tls_authentication.c: what both roles do alike. */
/* After both hellos: handshake traffic keys in both directions. */
void signet_tls_handshake_keys(struct signet_tls *tls, const u8 *shared, size_t shared_len);
/* After the server's Finished: keys of both directions. */
void signet_tls_application_keys(struct signet_tls *tls, struct signet_tls_keys *client,
				 struct signet_tls_keys *server);
/* The algorithms of signature_algorithms and signature_algorithms_cert, as two extensions. */
void signet_put_signature_algorithms(struct signet_buffer *buffer);
/* Certificate and CertificateVerify of our credential, into the flight. */
int signet_tls_authenticate(struct signet_tls *tls);
void signet_tls_finished_write(struct signet_tls *tls);
int signet_tls_certificate_read(struct signet_tls *tls, const struct tls_message *message);
int signet_tls_certificate_verify_read(struct signet_tls *tls, const struct tls_message *message);
/* Checks the peer's Finished, then has the owner judge the peer. */
int signet_tls_finished_read(struct signet_tls *tls, const struct tls_message *message);

/* tls_client.c and tls_server.c */
int signet_client_start(struct signet_tls *tls);
int signet_client_message(struct signet_tls *tls, const struct tls_message *message);
int signet_server_message(struct signet_tls *tls, const struct tls_message *message);

#endif
