// SPDX-License-Identifier: GPL-2.0
/*
 * P-256 points on the kernel's ecc library. Scalar multiplication with a secret goes through
 * crypto_ecdh_shared_secret() where its result will do: it is the one that randomises the
 * coordinates.
 */
#include <crypto/ecc_curve.h>
#include <crypto/ecdh.h>
#include <crypto/internal/ecc.h>

#include "core/crypto/p256.h"

#define DIGITS 4

/* Octets as crypto_ecdh_shared_secret() and ecc_make_pub_key() want them: big-endian, aligned. */
static void load(u64 *out, const u8 *in, size_t len)
{
	memcpy(out, in, len);
}

/*
 * The x of @k times a point: x, then y. The library's formulas are wrong for the scalars 1, n - 2
 * and n - 1 and for the two points with x = 0; nobody meets those by chance, so they are refused.
 */
static int multiply_x(const u8 k[SIGNET_P256_SCALAR_SIZE], const u64 point[2 * DIGITS],
		      u8 x[SIGNET_P256_SCALAR_SIZE])
{
	u64 secret[DIGITS], digits[DIGITS], result[DIGITS];
	int ret;

	load(secret, k, SIGNET_P256_SCALAR_SIZE);
	vli_from_be64(digits, k, DIGITS);
	ret = ecc_is_key_valid(ECC_CURVE_NIST_P256, DIGITS, digits, sizeof(digits));
	if (!ret && vli_is_zero(point, DIGITS))
		ret = -EINVAL;
	if (!ret)
		ret = crypto_ecdh_shared_secret(ECC_CURVE_NIST_P256, DIGITS, secret, point,
						result);
	if (ret && ret != -ENOMEM)
		ret = -EINVAL;
	if (ret)
		memset(x, 0, SIGNET_P256_SCALAR_SIZE);
	else
		memcpy(x, result, SIGNET_P256_SCALAR_SIZE);
	memzero_explicit(secret, sizeof(secret));
	memzero_explicit(digits, sizeof(digits));
	memzero_explicit(result, sizeof(result));
	return ret;
}

int signet_p256_base_x(const u8 k[SIGNET_P256_SCALAR_SIZE], u8 x[SIGNET_P256_SCALAR_SIZE])
{
	const struct ecc_curve *curve = ecc_get_curve(ECC_CURVE_NIST_P256);
	u64 base[2 * DIGITS];

	ecc_swap_digits(curve->g.x, base, DIGITS);
	ecc_swap_digits(curve->g.y, base + DIGITS, DIGITS);
	return multiply_x(k, base, x);
}

int signet_p256_ecdh(const u8 secret[SIGNET_P256_SCALAR_SIZE],
		     const u8 peer[SIGNET_P256_POINT_SIZE], u8 shared[SIGNET_P256_SCALAR_SIZE])
{
	u64 point[2 * DIGITS];

	if (peer[0] != 0x04) {
		memset(shared, 0, SIGNET_P256_SCALAR_SIZE);
		return -EINVAL;
	}
	load(point, peer + 1, sizeof(point));
	return multiply_x(secret, point, shared);
}

int signet_p256_keypair(u8 secret[SIGNET_P256_SCALAR_SIZE], u8 public[SIGNET_P256_POINT_SIZE])
{
	u64 key[DIGITS], digits[DIGITS], point[2 * DIGITS];
	int ret;

	do {
		signet_random(secret, SIGNET_P256_SCALAR_SIZE);
		vli_from_be64(digits, secret, DIGITS);
	} while (ecc_is_key_valid(ECC_CURVE_NIST_P256, DIGITS, digits, sizeof(digits)));
	load(key, secret, SIGNET_P256_SCALAR_SIZE);
	ret = ecc_make_pub_key(ECC_CURVE_NIST_P256, DIGITS, key, point);
	if (ret) {
		memzero_explicit(secret, SIGNET_P256_SCALAR_SIZE);
		memset(public, 0, SIGNET_P256_POINT_SIZE);
	} else {
		public[0] = 0x04;
		memcpy(public + 1, point, sizeof(point));
	}
	memzero_explicit(digits, sizeof(digits));
	memzero_explicit(key, sizeof(key));
	return ret;
}
