/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The primitives that the core builds on. Two backends implement them: crypto/ (in the
 * module) and test/crypto_openssl.c (in user space). All run in process context and may sleep.
 * Every function returns 0 or a negative errno, and leaves its outputs wiped on failure.
 */
#ifndef SIGNET_CORE_CRYPTO_H
#define SIGNET_CORE_CRYPTO_H

#include "core/platform.h"

#define SIGNET_SHA256_SIZE 32
#define SIGNET_HASH_MAX 64
#define SIGNET_AEAD_TAG_SIZE 16
#define SIGNET_AEAD_NONCE_SIZE 12
#define SIGNET_AEAD_KEY_MAX 32
#define SIGNET_P256_SCALAR_SIZE 32
#define SIGNET_P256_POINT_SIZE 65 /* 0x04, x, y */
#define SIGNET_X25519_SIZE 32
#define SIGNET_ECDSA_P256_MAX 72 /* DER */

enum signet_hash {
	SIGNET_SHA256,
	SIGNET_SHA384,
	SIGNET_SHA512,
};

/* The cipher suites, by their TLS numbers (RFC 8446, B.4). */
enum signet_cipher {
	SIGNET_AES_128_GCM_SHA256 = 0x1301,
	SIGNET_CHACHA20_POLY1305_SHA256 = 0x1303,
};

/* The named groups, by their TLS numbers (RFC 8446, 4.2.7). */
enum signet_group {
	SIGNET_SECP256R1 = 0x0017,
	SIGNET_X25519 = 0x001d,
};

/*
 * A running SHA-256. Copied by assignment, so that a transcript can be finished at several points.
 * Both backends keep their state inside @opaque.
 */
struct signet_sha256 {
	u64 opaque[16];
};

void signet_sha256_init(struct signet_sha256 *ctx);
void signet_sha256_update(struct signet_sha256 *ctx, const u8 *data, size_t len);
/* Wipes @ctx. */
void signet_sha256_final(struct signet_sha256 *ctx, u8 out[SIGNET_SHA256_SIZE]);

/* One-shot hash; @out has the hash's size. */
int signet_hash(enum signet_hash alg, const u8 *data, size_t len, u8 *out);

/* RFC 2104. Portable: core/hmac.c. */
void signet_hmac_sha256(const u8 *key, size_t key_len, const u8 *data, size_t len,
			u8 out[SIGNET_SHA256_SIZE]);

/*
 * Seal @len bytes of @buf in place and append the tag: @buf has room for @len + 16.
 * The key is 16 bytes for AES-128-GCM and 32 for ChaCha20-Poly1305.
 */
int signet_aead_seal(enum signet_cipher cipher, const u8 *key,
		     const u8 nonce[SIGNET_AEAD_NONCE_SIZE], const u8 *aad, size_t aad_len,
		     u8 *buf, size_t len);
/* Open @len bytes (ciphertext and tag) in place. -EBADMSG when the tag is wrong. */
int signet_aead_open(enum signet_cipher cipher, const u8 *key,
		     const u8 nonce[SIGNET_AEAD_NONCE_SIZE], const u8 *aad, size_t aad_len,
		     u8 *buf, size_t len);

void signet_random(u8 *out, size_t len);

/* Ephemeral keys for key exchange (RFC 7748; SEC 1 for P-256). */
int signet_x25519_keypair(u8 secret[SIGNET_X25519_SIZE], u8 public[SIGNET_X25519_SIZE]);
/* -EINVAL when the shared secret is all zero. */
int signet_x25519(const u8 secret[SIGNET_X25519_SIZE], const u8 peer[SIGNET_X25519_SIZE],
		  u8 shared[SIGNET_X25519_SIZE]);

int signet_p256_keypair(u8 secret[SIGNET_P256_SCALAR_SIZE], u8 public[SIGNET_P256_POINT_SIZE]);
/* -EINVAL when @peer is not a point of the curve. @shared is x. */
int signet_p256_ecdh(const u8 secret[SIGNET_P256_SCALAR_SIZE],
		     const u8 peer[SIGNET_P256_POINT_SIZE], u8 shared[SIGNET_P256_SCALAR_SIZE]);

/*
 * ECDSA over P-256 with SHA-256, the message hashed by the caller. Nonce: RFC 6979 hedged with
 * fresh randomness; inversion blinded (core/ecdsa.c). @sig is DER; *@sig_len is set.
 */
int signet_ecdsa_p256_sign(const u8 secret[SIGNET_P256_SCALAR_SIZE],
			   const u8 digest[SIGNET_SHA256_SIZE],
			   u8 sig[SIGNET_ECDSA_P256_MAX], size_t *sig_len);

enum signet_key_type {
	SIGNET_KEY_P256,
	SIGNET_KEY_P384,
	SIGNET_KEY_RSA,
};

/*
 * A public key, pointing into the bytes that it was parsed from. @data is the uncompressed point,
 * or the DER RSAPublicKey.
 */
struct signet_public_key {
	enum signet_key_type type;
	const u8 *data;
	size_t len;
};

/*
 * Verify a signature over @msg hashed with @hash: ECDSA (DER) or RSASSA-PKCS1-v1_5 by the key's
 * type. RSA keys have 2048, 3072 or 4096 bits. -EBADMSG when it is wrong, -EINVAL for a bad key.
 */
int signet_verify(const struct signet_public_key *key, enum signet_hash hash, const u8 *msg,
		  size_t msg_len, const u8 *sig, size_t sig_len);

/* Constant time. */
bool signet_equal(const void *a, const void *b, size_t len);

#endif
