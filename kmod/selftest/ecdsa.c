// SPDX-License-Identifier: GPL-2.0
/* Signing: RFC 6979's own vectors without entropy, and signatures that the backend verifies. */
#include "core/crypto/p256.h"
#include "selftest.h"

#define ROUNDS 20

/* RFC 6979, A.2.5: P-256, SHA-256. */
static const char secret_hex[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
static const char public_hex[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
				 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const struct {
	const char *message;
	const char *r_and_s;
} rfc6979[] = {
	{ "sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
		    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
	{ "test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
		  "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
};

static void known_answers(struct signet_selftest *test, const u8 *secret)
{
	u8 digest[SIGNET_SHA256_SIZE], sig[SIGNET_ECDSA_P256_MAX], expected[64], found[64];
	size_t sig_len;
	int ret;

	for (unsigned int i = 0; i < ARRAY_SIZE(rfc6979); i++) {
		const char *message = rfc6979[i].message;

		signet_selftest_hex(rfc6979[i].r_and_s, expected, sizeof(expected));
		ret = signet_hash(SIGNET_SHA256, (const u8 *)message, strlen(message), digest) ?:
		      signet_ecdsa_sign_with(secret, digest, NULL, 0, sig, &sig_len) ?:
		      signet_ecdsa_signature_parse(sig, sig_len, 32, found, found + 32);
		signet_selftest_check(test, "rfc6979", i, !ret && !memcmp(found, expected, 64));
	}
}

/* Hedged signatures of one message differ, and each verifies; of another message none does. */
static void hedged(struct signet_selftest *test, const u8 *secret, const u8 *point)
{
	struct signet_public_key key = { SIGNET_KEY_P256, point, SIGNET_P256_POINT_SIZE };
	u8 digest[SIGNET_SHA256_SIZE], sig[2][SIGNET_ECDSA_P256_MAX] = {};
	size_t sig_len;
	u8 message;
	int ret;

	for (message = 0; message < ROUNDS; message++) {
		u8 *own = sig[message % 2], other = message + 1;

		ret = signet_hash(SIGNET_SHA256, &message, 1, digest) ?:
		      signet_ecdsa_p256_sign(secret, digest, own, &sig_len) ?:
		      signet_verify(&key, SIGNET_SHA256, &message, 1, own, sig_len);
		signet_selftest_check(test, "signature", message,
				      !ret && memcmp(sig[0], sig[1], SIGNET_ECDSA_P256_MAX));
		ret = signet_verify(&key, SIGNET_SHA256, &other, 1, own, sig_len);
		signet_selftest_check(test, "other message", message, ret == -EBADMSG);
	}
	for (message = 0; message < 2; message++) {
		ret = signet_hash(SIGNET_SHA256, &message, 1, digest) ?:
		      signet_ecdsa_p256_sign(secret, digest, sig[0], &sig_len) ?:
		      signet_ecdsa_p256_sign(secret, digest, sig[1], &sig_len);
		signet_selftest_check(test, "signed twice", message,
				      !ret && memcmp(sig[0], sig[1], SIGNET_ECDSA_P256_MAX));
	}
}

/* New keys agree with each other and sign what the other can verify. */
static void keypairs(struct signet_selftest *test)
{
	u8 secret[2][SIGNET_P256_SCALAR_SIZE], point[2][SIGNET_P256_POINT_SIZE];
	u8 shared[2][SIGNET_P256_SCALAR_SIZE];
	int ret;

	ret = signet_p256_keypair(secret[0], point[0]) ?:
	      signet_p256_keypair(secret[1], point[1]) ?:
	      signet_p256_ecdh(secret[0], point[1], shared[0]) ?:
	      signet_p256_ecdh(secret[1], point[0], shared[1]);
	signet_selftest_check(test, "p256 keypair", 0,
			      !ret && !memcmp(shared[0], shared[1], sizeof(shared[0])));
	hedged(test, secret[0], point[0]);

	ret = signet_x25519_keypair(secret[0], point[0]) ?:
	      signet_x25519_keypair(secret[1], point[1]) ?:
	      signet_x25519(secret[0], point[1], shared[0]) ?:
	      signet_x25519(secret[1], point[0], shared[1]);
	signet_selftest_check(test, "x25519 keypair", 0,
			      !ret && !memcmp(shared[0], shared[1], sizeof(shared[0])));
}

/* a times 1 / a is 1, at the edges too. */
static void inverses(struct signet_selftest *test)
{
	static const char *const values[] = {
		"0000000000000000000000000000000000000000000000000000000000000001",
		"0000000000000000000000000000000000000000000000000000000000000002",
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
		"7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8",
		"00000000ffffffff00000000000000004319055258e8617b0c46353d039cdaaf",
		secret_hex,
	};
	static const struct signet_scalar one = { { 1 } };
	struct signet_scalar a, inverse, product;
	u8 bytes[SIGNET_P256_SCALAR_SIZE];

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
		signet_selftest_hex(values[i], bytes, sizeof(bytes));
		signet_selftest_check(test, "scalar", i, signet_scalar_parse(&a, bytes));
		signet_scalar_invert(&inverse, &a);
		signet_scalar_mult(&product, &a, &inverse);
		signet_selftest_check(test, "inverse", i, signet_scalar_equal(&product, &one));
	}
	/* n itself, and zero, are out of range. */
	signet_selftest_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
			    bytes, sizeof(bytes));
	signet_selftest_check(test, "order", 0, !signet_scalar_parse(&a, bytes));
	memset(bytes, 0, sizeof(bytes));
	signet_selftest_check(test, "zero", 0, !signet_scalar_parse(&a, bytes));
	memset(bytes, 0xff, sizeof(bytes));
	signet_selftest_check(test, "over", 0, !signet_scalar_parse(&a, bytes));
}

void signet_selftest_ecdsa(struct signet_selftest *test)
{
	u8 secret[SIGNET_P256_SCALAR_SIZE], point[SIGNET_P256_POINT_SIZE], x[32];

	signet_selftest_hex(secret_hex, secret, sizeof(secret));
	signet_selftest_hex(public_hex, point, sizeof(point));
	signet_selftest_check(test, "base x", 0,
			      !signet_p256_base_x(secret, x) && !memcmp(x, point + 1, 32));
	known_answers(test, secret);
	hedged(test, secret, point);
	inverses(test);
	keypairs(test);
}
