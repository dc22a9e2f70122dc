// SPDX-License-Identifier: GPL-2.0
/* The core's primitives on the kernel's crypto: hashes, AEAD, X25519, random numbers. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/aead.h>
#include <crypto/akcipher.h>
#include <crypto/algapi.h>
#include <crypto/curve25519.h>
#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <linux/err.h>
#include <linux/random.h>
#include <linux/scatterlist.h>

#include "crypto/primitives.h"
#include "selftest/selftest.h"

static const char aes_gcm[] = "gcm(aes)";
static const char chacha20_poly1305[] = "rfc7539(chacha20,poly1305)";

/* Held from signet_crypto_init() to signet_crypto_exit(). Hashes have no key: all share them. */
static struct crypto_aead *held_aes_gcm;
static struct crypto_aead *held_chacha20_poly1305;
static struct crypto_akcipher *held_rsa;
static struct crypto_shash *sha384;
static struct crypto_shash *sha512;

static_assert(sizeof(struct sha256_state) <= sizeof(struct signet_sha256));

void signet_sha256_init(struct signet_sha256 *ctx)
{
	sha256_init((struct sha256_state *)ctx->opaque);
}

void signet_sha256_update(struct signet_sha256 *ctx, const u8 *data, size_t len)
{
	sha256_update((struct sha256_state *)ctx->opaque, data, len);
}

void signet_sha256_final(struct signet_sha256 *ctx, u8 out[SIGNET_SHA256_SIZE])
{
	sha256_final((struct sha256_state *)ctx->opaque, out);
	memzero_explicit(ctx, sizeof(*ctx));
}

int signet_hash(enum signet_hash alg, const u8 *data, size_t len, u8 *out)
{
	switch (alg) {
	case SIGNET_SHA256:
		sha256(data, len, out);
		return 0;
	case SIGNET_SHA384:
		return crypto_shash_tfm_digest(sha384, data, len, out);
	case SIGNET_SHA512:
		return crypto_shash_tfm_digest(sha512, data, len, out);
	}
	return -EINVAL;
}

void signet_random(u8 *out, size_t len)
{
	get_random_bytes_wait(out, len);
}

bool signet_equal(const void *a, const void *b, size_t len)
{
	return !crypto_memneq(a, b, len);
}

int signet_x25519_keypair(u8 secret[SIGNET_X25519_SIZE], u8 public[SIGNET_X25519_SIZE])
{
	curve25519_generate_secret(secret);
	if (curve25519_generate_public(public, secret))
		return 0;
	memzero_explicit(secret, SIGNET_X25519_SIZE);
	memzero_explicit(public, SIGNET_X25519_SIZE);
	return -EIO;
}

int signet_x25519(const u8 secret[SIGNET_X25519_SIZE], const u8 peer[SIGNET_X25519_SIZE],
		  u8 shared[SIGNET_X25519_SIZE])
{
	u8 clamped[SIGNET_X25519_SIZE];
	bool ok;

	memcpy(clamped, secret, sizeof(clamped));
	curve25519_clamp_secret(clamped);
	ok = curve25519(shared, clamped, peer);
	memzero_explicit(clamped, sizeof(clamped));
	if (ok)
		return 0;
	memzero_explicit(shared, SIGNET_X25519_SIZE);
	return -EINVAL;
}

/* One AEAD operation. What it works on may not be on the stack, so what could be is copied. */
struct aead_operation {
	struct crypto_aead *tfm;
	struct aead_request *request;
	u8 *nonce_and_aad;
	u8 *bounce; /* where the caller's buffer has no struct page */
	struct scatterlist sg[2];
	struct crypto_wait wait;
};

static void aead_operation_end(struct aead_operation *op, u8 *buf, size_t len, int ret)
{
	if (ret)
		memzero_explicit(buf, len);
	else if (op->bounce)
		memcpy(buf, op->bounce, len);
	kfree_sensitive(op->bounce);
	kfree(op->nonce_and_aad);
	aead_request_free(op->request);
	crypto_free_aead(op->tfm);
}

/* @len: of what goes in; @size: of @buf. */
static int aead_operation_begin(struct aead_operation *op, enum signet_cipher cipher,
				const u8 *key, const u8 nonce[SIGNET_AEAD_NONCE_SIZE],
				const u8 *aad, size_t aad_len, u8 *buf, size_t len, size_t size)
{
	bool aes = cipher == SIGNET_AES_128_GCM_SHA256;
	struct scatterlist *first = aad_len ? &op->sg[0] : &op->sg[1];
	int ret;

	memset(op, 0, sizeof(*op));
	crypto_init_wait(&op->wait);
	op->tfm = crypto_alloc_aead(aes ? aes_gcm : chacha20_poly1305, 0, 0);
	if (IS_ERR(op->tfm)) {
		ret = PTR_ERR(op->tfm);
		op->tfm = NULL;
		return ret;
	}
	ret = crypto_aead_setkey(op->tfm, key, aes ? 16 : 32);
	if (!ret)
		ret = crypto_aead_setauthsize(op->tfm, SIGNET_AEAD_TAG_SIZE);
	if (ret)
		return ret;
	op->request = aead_request_alloc(op->tfm, GFP_KERNEL);
	op->nonce_and_aad = kmalloc(SIGNET_AEAD_NONCE_SIZE + aad_len, GFP_KERNEL);
	if (!op->request || !op->nonce_and_aad)
		return -ENOMEM;
	memcpy(op->nonce_and_aad, nonce, SIGNET_AEAD_NONCE_SIZE);
	memcpy(op->nonce_and_aad + SIGNET_AEAD_NONCE_SIZE, aad, aad_len);
	if (!virt_addr_valid(buf) || !virt_addr_valid(buf + size - 1)) {
		op->bounce = kmemdup(buf, size, GFP_KERNEL);
		if (!op->bounce)
			return -ENOMEM;
	}
	sg_init_table(op->sg, ARRAY_SIZE(op->sg));
	sg_set_buf(&op->sg[0], op->nonce_and_aad + SIGNET_AEAD_NONCE_SIZE, aad_len);
	sg_set_buf(&op->sg[1], op->bounce ?: buf, size);
	aead_request_set_callback(op->request,
				  CRYPTO_TFM_REQ_MAY_BACKLOG | CRYPTO_TFM_REQ_MAY_SLEEP,
				  crypto_req_done, &op->wait);
	aead_request_set_ad(op->request, aad_len);
	aead_request_set_crypt(op->request, first, first, len, op->nonce_and_aad);
	return 0;
}

int signet_aead_seal(enum signet_cipher cipher, const u8 *key,
		     const u8 nonce[SIGNET_AEAD_NONCE_SIZE], const u8 *aad, size_t aad_len,
		     u8 *buf, size_t len)
{
	size_t size = len + SIGNET_AEAD_TAG_SIZE;
	struct aead_operation op;
	int ret;

	ret = aead_operation_begin(&op, cipher, key, nonce, aad, aad_len, buf, len, size);
	if (!ret)
		ret = crypto_wait_req(crypto_aead_encrypt(op.request), &op.wait);
	aead_operation_end(&op, buf, size, ret);
	return ret;
}

int signet_aead_open(enum signet_cipher cipher, const u8 *key,
		     const u8 nonce[SIGNET_AEAD_NONCE_SIZE], const u8 *aad, size_t aad_len,
		     u8 *buf, size_t len)
{
	struct aead_operation op;
	int ret;

	if (len < SIGNET_AEAD_TAG_SIZE)
		return -EBADMSG;
	ret = aead_operation_begin(&op, cipher, key, nonce, aad, aad_len, buf, len, len);
	if (!ret)
		ret = crypto_wait_req(crypto_aead_decrypt(op.request), &op.wait);
	aead_operation_end(&op, buf, len, ret);
	return ret;
}

int signet_verify(const struct signet_public_key *key, enum signet_hash hash, const u8 *msg,
		  size_t msg_len, const u8 *sig, size_t sig_len)
{
	size_t digest_len = hash == SIGNET_SHA256 ? 32 : hash == SIGNET_SHA384 ? 48 : 64;
	u8 digest[SIGNET_HASH_MAX];
	int ret;

	ret = signet_hash(hash, msg, msg_len, digest);
	if (ret)
		return ret;
	if (key->type == SIGNET_KEY_RSA)
		return signet_rsa_verify_digest(key, hash, digest, digest_len, sig, sig_len);
	return signet_ecdsa_verify_digest(key, digest, digest_len, sig, sig_len);
}

static int missing(const char *name, const void *tfm)
{
	if (!IS_ERR(tfm))
		return 0;
	pr_err("the kernel has no %s: %ld\n", name, PTR_ERR(tfm));
	return -ENOENT;
}

int signet_crypto_init(void)
{
	int ret;

	held_aes_gcm = crypto_alloc_aead(aes_gcm, 0, 0);
	held_chacha20_poly1305 = crypto_alloc_aead(chacha20_poly1305, 0, 0);
	held_rsa = crypto_alloc_akcipher("rsa", 0, 0);
	sha384 = crypto_alloc_shash("sha384", 0, 0);
	sha512 = crypto_alloc_shash("sha512", 0, 0);

	ret = missing(aes_gcm, held_aes_gcm);
	ret = missing(chacha20_poly1305, held_chacha20_poly1305) ?: ret;
	ret = missing("rsa", held_rsa) ?: ret;
	ret = missing("sha384", sha384) ?: ret;
	ret = missing("sha512", sha512) ?: ret;
	if (!ret && IS_ENABLED(CONFIG_SIGNET_SELFTEST)) {
		struct signet_selftest result;

		if (!signet_selftest(&result))
			ret = -ENOTRECOVERABLE;
	}
	if (ret)
		signet_crypto_exit();
	return ret;
}

void signet_crypto_exit(void)
{
	crypto_free_aead(held_aes_gcm);
	crypto_free_aead(held_chacha20_poly1305);
	crypto_free_akcipher(held_rsa);
	crypto_free_shash(sha384);
	crypto_free_shash(sha512);
}
