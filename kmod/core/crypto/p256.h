/* SPDX-License-Identifier: GPL-2.0 */
/*
 * P-256 (FIPS 186-5) below ECDSA, so that what computes can be replaced. Points come from the
 * backend; scalars are portable (p256_scalar.c) and constant-time.
 */
#ifndef SIGNET_CORE_P256_H
#define SIGNET_CORE_P256_H

#include "core/crypto/crypto.h"

/* An integer below the order n of the curve's group, least significant limb first. */
struct signet_scalar {
	u64 limb[4];
};

/**
 * signet_p256_base_x() - the x coordinate of @k times the base point
 * @k: 1 to n - 1, big-endian; secret. A backend may refuse the first and the last three
 * @x: big-endian, not reduced modulo n
 *
 * Backend. Its time must not depend on @k. May sleep.
 *
 * Return: 0, -EINVAL for a @k out of range, or what failed.
 */
int signet_p256_base_x(const u8 k[SIGNET_P256_SCALAR_SIZE], u8 x[SIGNET_P256_SCALAR_SIZE]);

/* @in modulo n. */
void signet_scalar_reduce(struct signet_scalar *out, const u8 in[SIGNET_P256_SCALAR_SIZE]);
/* False, and @out zero, unless @in is 1 to n - 1. */
bool signet_scalar_parse(struct signet_scalar *out, const u8 in[SIGNET_P256_SCALAR_SIZE]);
void signet_scalar_bytes(u8 out[SIGNET_P256_SCALAR_SIZE], const struct signet_scalar *in);
bool signet_scalar_zero(const struct signet_scalar *a);
bool signet_scalar_equal(const struct signet_scalar *a, const struct signet_scalar *b);

/* Outputs may be inputs. */
void signet_scalar_add(struct signet_scalar *out, const struct signet_scalar *a,
		       const struct signet_scalar *b);
void signet_scalar_mult(struct signet_scalar *out, const struct signet_scalar *a,
			const struct signet_scalar *b);
/* The inverse modulo n; of zero, zero. */
void signet_scalar_invert(struct signet_scalar *out, const struct signet_scalar *a);

/**
 * signet_ecdsa_sign_with() - ECDSA with given entropy (RFC 6979, 3.2 and 3.6)
 * @secret: 1 to n - 1, big-endian
 * @digest: the SHA-256 of the message
 * @entropy: mixed into the nonce; none gives the deterministic signature of RFC 6979
 * @entropy_len: at most 32
 * @sig: DER
 * @sig_len: set
 *
 * For signet_ecdsa_p256_sign() and for test vectors.
 *
 * Return: 0, -EINVAL for a bad @secret, -EIO when the arithmetic contradicts itself, -ENOMEM.
 */
int signet_ecdsa_sign_with(const u8 secret[SIGNET_P256_SCALAR_SIZE],
			   const u8 digest[SIGNET_SHA256_SIZE], const u8 *entropy,
			   size_t entropy_len, u8 sig[SIGNET_ECDSA_P256_MAX], size_t *sig_len);

/**
 * signet_ecdsa_signature_parse() - strict DER ECDSA-Sig-Value (RFC 3279, 2.2.3)
 * @sig: DER
 * @sig_len: its length
 * @size: of the curve's order in bytes (32 or 48)
 * @r: @size bytes, big-endian
 * @s: likewise
 *
 * Checks form alone, not that r and s are below the order.
 *
 * Return: 0 or -EBADMSG.
 */
int signet_ecdsa_signature_parse(const u8 *sig, size_t sig_len, size_t size, u8 *r, u8 *s);

#endif
