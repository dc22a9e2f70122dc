// SPDX-License-Identifier: GPL-2.0
/*
 * Verifying ECDSA over P-256 and P-384 (FIPS 186-5, 6.4.2) on the kernel's ecc library. Debian's
 * kernels have no "ecdsa" algorithm. Everything here is public: time may depend on it.
 *
 * The library's addition of points is incomplete: it doesn't double, so a valid signature is
 * refused where two points to be added are the same. Nobody makes such a signature but on purpose.
 */
#include <crypto/ecc_curve.h>
#include <crypto/ecdh.h>
#include <crypto/internal/ecc.h>

#include "core/crypto/p256.h"
#include "crypto/primitives.h"

#define DIGITS_MAX 6

/* 1 to n - 1 */
static bool below_order(const u64 *value, const struct ecc_curve *curve, unsigned int digits)
{
	return !vli_is_zero(value, digits) && vli_cmp(value, curve->n, digits) < 0;
}

/* The leftmost bits of the digest, as many as the order has. */
static void digest_number(u64 *out, const u8 *digest, size_t len, unsigned int digits)
{
	u8 padded[DIGITS_MAX * sizeof(u64)] = {};
	size_t size = digits * sizeof(u64);

	if (len >= size)
		memcpy(padded, digest, size);
	else
		memcpy(padded + size - len, digest, len);
	vli_from_be64(out, padded, digits);
}

int signet_ecdsa_verify_digest(const struct signet_public_key *key, const u8 *digest,
			       size_t digest_len, const u8 *sig, size_t sig_len)
{
	bool p256 = key->type == SIGNET_KEY_P256;
	const struct ecc_curve *curve = ecc_get_curve(p256 ? ECC_CURVE_NIST_P256 :
							     ECC_CURVE_NIST_P384);
	unsigned int digits = curve->g.ndigits;
	size_t size = digits * sizeof(u64);
	u64 qx[DIGITS_MAX], qy[DIGITS_MAX], rx[DIGITS_MAX], ry[DIGITS_MAX];
	u64 r[DIGITS_MAX], s[DIGITS_MAX], u1[DIGITS_MAX], u2[DIGITS_MAX];
	struct ecc_point q = ECC_POINT_INIT(qx, qy, digits);
	struct ecc_point result = ECC_POINT_INIT(rx, ry, digits);
	u8 octets[2 * DIGITS_MAX * sizeof(u64)];
	int ret;

	if (key->len != 1 + 2 * size || key->data[0] != 0x04)
		return -EINVAL;
	vli_from_be64(qx, key->data + 1, digits);
	vli_from_be64(qy, key->data + 1 + size, digits);
	if (ecc_is_pubkey_valid_partial(curve, &q))
		return -EINVAL;

	ret = signet_ecdsa_signature_parse(sig, sig_len, size, octets, octets + size);
	if (ret)
		return ret;
	vli_from_be64(r, octets, digits);
	vli_from_be64(s, octets + size, digits);
	if (!below_order(r, curve, digits) || !below_order(s, curve, digits))
		return -EBADMSG;

	vli_mod_inv(s, s, curve->n, digits);
	digest_number(u1, digest, digest_len, digits);
	vli_mod_mult_slow(u1, u1, s, curve->n, digits);
	vli_mod_mult_slow(u2, r, s, curve->n, digits);
	ecc_point_mult_shamir(&result, u1, &curve->g, u2, &q, curve);
	if (vli_cmp(rx, curve->n, digits) >= 0)
		vli_sub(rx, rx, curve->n, digits);
	return vli_cmp(rx, r, digits) ? -EBADMSG : 0;
}
