// SPDX-License-Identifier: GPL-2.0
/* The core's primitives in user space, on OpenSSL 3. */
#define OPENSSL_API_COMPAT 0x10100000L

#include "core/crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdlib.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct signet_sha256), "the state fits");

void signet_sha256_init(struct signet_sha256 *ctx)
{
	SHA256_Init((SHA256_CTX *)ctx->opaque);
}

void signet_sha256_update(struct signet_sha256 *ctx, const u8 *data, size_t len)
{
	SHA256_Update((SHA256_CTX *)ctx->opaque, data, len);
}

void signet_sha256_final(struct signet_sha256 *ctx, u8 out[SIGNET_SHA256_SIZE])
{
	SHA256_Final(out, (SHA256_CTX *)ctx->opaque);
	signet_wipe(ctx, sizeof(*ctx));
}

static int digest_nid(enum signet_hash alg)
{
	switch (alg) {
	case SIGNET_SHA256:
		return NID_sha256;
	case SIGNET_SHA384:
		return NID_sha384;
	case SIGNET_SHA512:
		return NID_sha512;
	}
	return NID_undef;
}

int signet_hash(enum signet_hash alg, const u8 *data, size_t len, u8 *out)
{
	const EVP_MD *md = EVP_get_digestbynid(digest_nid(alg));

	if (!md)
		return -EINVAL;
	return EVP_Digest(data, len, out, NULL, md, NULL) == 1 ? 0 : -ENOMEM;
}

static const EVP_CIPHER *evp_cipher(enum signet_cipher cipher)
{
	switch (cipher) {
	case SIGNET_AES_128_GCM_SHA256:
		return EVP_aes_128_gcm();
	case SIGNET_CHACHA20_POLY1305_SHA256:
		return EVP_chacha20_poly1305();
	}
	return NULL;
}

int signet_aead_seal(enum signet_cipher cipher, const u8 *key,
		     const u8 nonce[SIGNET_AEAD_NONCE_SIZE], const u8 *aad, size_t aad_len,
		     u8 *buf, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int out, ret = -ENOMEM;

	if (ctx && EVP_EncryptInit_ex(ctx, evp_cipher(cipher), NULL, key, nonce) == 1 &&
	    EVP_EncryptUpdate(ctx, NULL, &out, aad, (int)aad_len) == 1 &&
	    EVP_EncryptUpdate(ctx, buf, &out, buf, (int)len) == 1 &&
	    EVP_EncryptFinal_ex(ctx, buf + len, &out) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SIGNET_AEAD_TAG_SIZE, buf + len) == 1)
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	if (ret)
		signet_wipe(buf, len + SIGNET_AEAD_TAG_SIZE);
	return ret;
}

int signet_aead_open(enum signet_cipher cipher, const u8 *key,
		     const u8 nonce[SIGNET_AEAD_NONCE_SIZE], const u8 *aad, size_t aad_len,
		     u8 *buf, size_t len)
{
	EVP_CIPHER_CTX *ctx;
	size_t plain;
	int out, ret = -EBADMSG;

	if (len < SIGNET_AEAD_TAG_SIZE)
		return -EBADMSG;
	plain = len - SIGNET_AEAD_TAG_SIZE;
	ctx = EVP_CIPHER_CTX_new();
	if (!ctx || EVP_DecryptInit_ex(ctx, evp_cipher(cipher), NULL, key, nonce) != 1)
		ret = -ENOMEM;
	else if (EVP_DecryptUpdate(ctx, NULL, &out, aad, (int)aad_len) == 1 &&
		 EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SIGNET_AEAD_TAG_SIZE,
				     buf + plain) == 1 &&
		 EVP_DecryptUpdate(ctx, buf, &out, buf, (int)plain) == 1 &&
		 EVP_DecryptFinal_ex(ctx, buf + plain, &out) == 1)
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	if (ret)
		signet_wipe(buf, len);
	return ret;
}

void signet_random(u8 *out, size_t len)
{
	if (RAND_bytes(out, (int)len) != 1)
		abort();
}

bool signet_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

static int x25519_public(const u8 secret[SIGNET_X25519_SIZE], u8 public[SIGNET_X25519_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret,
						     SIGNET_X25519_SIZE);
	size_t len = SIGNET_X25519_SIZE;
	int ret = key && EVP_PKEY_get_raw_public_key(key, public, &len) == 1 ? 0 : -ENOMEM;

	EVP_PKEY_free(key);
	return ret;
}

int signet_x25519_keypair(u8 secret[SIGNET_X25519_SIZE], u8 public[SIGNET_X25519_SIZE])
{
	signet_random(secret, SIGNET_X25519_SIZE);
	return x25519_public(secret, public);
}

int signet_x25519(const u8 secret[SIGNET_X25519_SIZE], const u8 peer[SIGNET_X25519_SIZE],
		  u8 shared[SIGNET_X25519_SIZE])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret,
						     SIGNET_X25519_SIZE);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer,
						      SIGNET_X25519_SIZE);
	EVP_PKEY_CTX *ctx = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	size_t len = SIGNET_X25519_SIZE;
	int ret = -ENOMEM;

	if (ctx && other && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, other) == 1)
		ret = EVP_PKEY_derive(ctx, shared, &len) == 1 ? 0 : -EINVAL;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	ERR_clear_error();
	if (ret)
		signet_wipe(shared, SIGNET_X25519_SIZE);
	return ret;
}

/* @k times @peer, or times the base point when that is NULL; uncompressed. */
static int p256_multiply(const u8 k[SIGNET_P256_SCALAR_SIZE], const u8 *peer,
			 u8 out[SIGNET_P256_POINT_SIZE])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *result = group ? EC_POINT_new(group) : NULL;
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *scalar = BN_secure_new();
	int ret = -ENOMEM;

	if (!result || !point || !scalar || !BN_bin2bn(k, SIGNET_P256_SCALAR_SIZE, scalar))
		goto out;
	BN_set_flags(scalar, BN_FLG_CONSTTIME);
	ret = -EINVAL;
	if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
		goto out;
	if (peer && (peer[0] != POINT_CONVERSION_UNCOMPRESSED ||
		     EC_POINT_oct2point(group, point, peer, SIGNET_P256_POINT_SIZE, NULL) != 1))
		goto out;
	if (EC_POINT_mul(group, result, peer ? NULL : scalar, peer ? point : NULL,
			 peer ? scalar : NULL, NULL) != 1) {
		ret = -ENOMEM;
		goto out;
	}
	if (EC_POINT_point2oct(group, result, POINT_CONVERSION_UNCOMPRESSED, out,
			       SIGNET_P256_POINT_SIZE, NULL) == SIGNET_P256_POINT_SIZE)
		ret = 0;
out:
	BN_clear_free(scalar);
	EC_POINT_clear_free(result);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	ERR_clear_error();
	if (ret)
		signet_wipe(out, SIGNET_P256_POINT_SIZE);
	return ret;
}

int signet_p256_base_x(const u8 k[SIGNET_P256_SCALAR_SIZE], u8 x[SIGNET_P256_SCALAR_SIZE])
{
	u8 point[SIGNET_P256_POINT_SIZE];
	int ret = p256_multiply(k, NULL, point);

	memcpy(x, point + 1, SIGNET_P256_SCALAR_SIZE);
	signet_wipe(point, sizeof(point));
	return ret;
}

int signet_p256_keypair(u8 secret[SIGNET_P256_SCALAR_SIZE], u8 public[SIGNET_P256_POINT_SIZE])
{
	int ret;

	do {
		signet_random(secret, SIGNET_P256_SCALAR_SIZE);
		ret = p256_multiply(secret, NULL, public);
	} while (ret == -EINVAL);
	if (ret)
		signet_wipe(secret, SIGNET_P256_SCALAR_SIZE);
	return ret;
}

int signet_p256_ecdh(const u8 secret[SIGNET_P256_SCALAR_SIZE],
		     const u8 peer[SIGNET_P256_POINT_SIZE], u8 shared[SIGNET_P256_SCALAR_SIZE])
{
	u8 point[SIGNET_P256_POINT_SIZE];
	int ret = p256_multiply(secret, peer, point);

	memcpy(shared, point + 1, SIGNET_P256_SCALAR_SIZE);
	signet_wipe(point, sizeof(point));
	return ret;
}

static int verify_ecdsa(const struct signet_public_key *key, int nid, size_t size,
			const u8 *digest, size_t digest_len, const u8 *sig, size_t sig_len)
{
	EC_KEY *ec = EC_KEY_new_by_curve_name(nid);
	ECDSA_SIG *value = ECDSA_SIG_new();
	u8 r[48], s[48];
	int ret = -ENOMEM;

	if (!ec || !value)
		goto out;
	ret = -EINVAL;
	if (key->len != 1 + 2 * size || key->data[0] != POINT_CONVERSION_UNCOMPRESSED ||
	    EC_KEY_oct2key(ec, key->data, key->len, NULL) != 1 || EC_KEY_check_key(ec) != 1)
		goto out;
	ret = signet_ecdsa_signature_parse(sig, sig_len, size, r, s);
	if (ret)
		goto out;
	ECDSA_SIG_set0(value, BN_bin2bn(r, (int)size, NULL), BN_bin2bn(s, (int)size, NULL));
	ret = ECDSA_do_verify(digest, (int)digest_len, value, ec) == 1 ? 0 : -EBADMSG;
out:
	ECDSA_SIG_free(value);
	EC_KEY_free(ec);
	ERR_clear_error();
	return ret;
}

static int verify_rsa(const struct signet_public_key *key, enum signet_hash hash,
		      const u8 *digest, size_t digest_len, const u8 *sig, size_t sig_len)
{
	const u8 *at = key->data;
	RSA *rsa = d2i_RSAPublicKey(NULL, &at, (long)key->len);
	int ret = -EINVAL;

	if (rsa && RSA_bits(rsa) >= 2048 && RSA_bits(rsa) <= 4096)
		ret = RSA_verify(digest_nid(hash), digest, (unsigned int)digest_len, sig,
				 (unsigned int)sig_len, rsa) == 1 ? 0 : -EBADMSG;
	RSA_free(rsa);
	ERR_clear_error();
	return ret;
}

int signet_verify(const struct signet_public_key *key, enum signet_hash hash, const u8 *msg,
		  size_t msg_len, const u8 *sig, size_t sig_len)
{
	size_t digest_len = hash == SIGNET_SHA256 ? 32 : hash == SIGNET_SHA384 ? 48 : 64;
	u8 digest[SIGNET_HASH_MAX];
	int ret = signet_hash(hash, msg, msg_len, digest);

	if (ret)
		return ret;
	switch (key->type) {
	case SIGNET_KEY_P256:
		return verify_ecdsa(key, NID_X9_62_prime256v1, 32, digest, digest_len, sig,
				    sig_len);
	case SIGNET_KEY_P384:
		return verify_ecdsa(key, NID_secp384r1, 48, digest, digest_len, sig, sig_len);
	case SIGNET_KEY_RSA:
		return verify_rsa(key, hash, digest, digest_len, sig, sig_len);
	}
	return -EINVAL;
}
