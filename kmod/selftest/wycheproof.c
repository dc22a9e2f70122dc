// SPDX-License-Identifier: GPL-2.0
/* Project Wycheproof's vectors against core/crypto.h, whichever backend is behind it. */
#include "core/crypto/crypto.h"
#include "selftest.h"

#define FIELD_MAX 1024

struct signature_vector {
	unsigned int id;
	bool valid;
	const char *key;
	const char *msg;
	const char *sig;
};

struct agreement_vector {
	unsigned int id;
	bool valid;
	const char *secret;
	const char *public;
	const char *shared;
};

struct aead_vector {
	unsigned int id;
	bool valid;
	const char *key;
	const char *nonce;
	const char *aad;
	const char *plain;
	const char *sealed;
	const char *tag;
};

#include "test/vectors/aes_128_gcm.h"
#include "test/vectors/chacha20_poly1305.h"
#include "test/vectors/ecdh_p256.h"
#include "test/vectors/ecdsa_p256_sha256.h"
#include "test/vectors/ecdsa_p384_sha384.h"
#include "test/vectors/rsa_2048_sha256.h"
#include "test/vectors/rsa_3072_sha384.h"
#include "test/vectors/rsa_4096_sha512.h"
#include "test/vectors/x25519.h"

/*
 * Valid, but refused by the kernel's ecc library, whose formulas leave out cases that only somebody
 * who looks for them meets (p256_kernel.c, ecdsa_kernel.c). Never the other way round.
 */
static const struct {
	const char *group;
	unsigned int id;
} refused_by_kernel[] = {
	{ "ecdsa_p256_sha256", 295 }, { "ecdsa_p256_sha256", 433 }, { "ecdsa_p384_sha384", 295 },
	{ "ecdsa_p384_sha384", 458 }, { "ecdsa_p384_sha384", 459 }, { "ecdsa_p384_sha384", 460 },
	{ "ecdh_p256", 69 },	      { "ecdh_p256", 199 },	    { "ecdh_p256", 329 },
};

#ifdef __KERNEL__
static const bool in_kernel = true;
#else
static const bool in_kernel;
#endif

static bool expected(const char *group, unsigned int id, bool valid)
{
	for (size_t i = 0; in_kernel && i < ARRAY_SIZE(refused_by_kernel); i++)
		if (refused_by_kernel[i].id == id && !strcmp(refused_by_kernel[i].group, group))
			return false;
	return valid;
}

/* Decoded fields, too big for a kernel stack. */
struct fields {
	u8 a[FIELD_MAX];
	u8 b[FIELD_MAX];
	u8 c[FIELD_MAX];
	u8 d[FIELD_MAX];
};

static void signatures(struct signet_selftest *test, const char *group, struct fields *f,
		       enum signet_key_type type, enum signet_hash hash,
		       const struct signature_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct signature_vector *v = &vectors[i];
		struct signet_public_key key = { type, f->a, 0 };
		size_t msg_len = signet_selftest_hex(v->msg, f->b, FIELD_MAX);
		size_t sig_len = signet_selftest_hex(v->sig, f->c, FIELD_MAX);
		int ret;

		key.len = signet_selftest_hex(v->key, f->a, FIELD_MAX);
		ret = signet_verify(&key, hash, f->b, msg_len, f->c, sig_len);
		signet_selftest_check(test, group, v->id,
				      expected(group, v->id, v->valid) ? !ret : ret == -EBADMSG);
	}
}

static void x25519(struct signet_selftest *test, struct fields *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(x25519_vectors); i++) {
		const struct agreement_vector *v = &x25519_vectors[i];
		int ret;

		signet_selftest_hex(v->secret, f->a, FIELD_MAX);
		signet_selftest_hex(v->public, f->b, FIELD_MAX);
		signet_selftest_hex(v->shared, f->c, FIELD_MAX);
		ret = signet_x25519(f->a, f->b, f->d);
		signet_selftest_check(test, "x25519", v->id,
				      v->valid ? !ret && !memcmp(f->c, f->d, SIGNET_X25519_SIZE) :
						 ret == -EINVAL);
	}
}

static void ecdh_p256(struct signet_selftest *test, struct fields *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(ecdh_p256_vectors); i++) {
		const struct agreement_vector *v = &ecdh_p256_vectors[i];
		size_t len;
		int ret;

		signet_selftest_hex(v->secret, f->a, FIELD_MAX);
		len = signet_selftest_hex(v->public, f->b, FIELD_MAX);
		signet_selftest_hex(v->shared, f->c, FIELD_MAX);
		/* Points of another length never get here: the TLS layer checks it. */
		if (len != SIGNET_P256_POINT_SIZE)
			continue;
		ret = signet_p256_ecdh(f->a, f->b, f->d);
		signet_selftest_check(test, "ecdh_p256", v->id,
				      expected("ecdh_p256", v->id, v->valid) ?
						 !ret && !memcmp(f->c, f->d, 32) :
						 ret == -EINVAL);
	}
}

static void aead(struct signet_selftest *test, const char *group, struct fields *f,
		 enum signet_cipher cipher, const struct aead_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct aead_vector *v = &vectors[i];
		u8 key[SIGNET_AEAD_KEY_MAX], nonce[SIGNET_AEAD_NONCE_SIZE];
		size_t aad_len = signet_selftest_hex(v->aad, f->a, FIELD_MAX);
		size_t len = signet_selftest_hex(v->plain, f->b, FIELD_MAX);
		size_t sealed = signet_selftest_hex(v->sealed, f->c, FIELD_MAX);
		int ret;

		signet_selftest_hex(v->key, key, sizeof(key));
		signet_selftest_hex(v->nonce, nonce, sizeof(nonce));
		sealed += signet_selftest_hex(v->tag, f->c + sealed, FIELD_MAX - sealed);
		memcpy(f->d, f->b, len);
		if (v->valid) {
			ret = signet_aead_seal(cipher, key, nonce, f->a, aad_len, f->d, len);
			signet_selftest_check(test, group, v->id,
					      !ret && !memcmp(f->d, f->c, sealed));
		}
		ret = signet_aead_open(cipher, key, nonce, f->a, aad_len, f->c, sealed);
		signet_selftest_check(test, group, v->id,
				      v->valid ? !ret && !memcmp(f->c, f->b, len) :
						 ret == -EBADMSG);
	}
}

#define SIGNATURES(name, type, hash) \
	signatures(test, #name, f, type, hash, name##_vectors, ARRAY_SIZE(name##_vectors))
#define AEAD(name, cipher) \
	aead(test, #name, f, cipher, name##_vectors, ARRAY_SIZE(name##_vectors))

void signet_selftest_wycheproof(struct signet_selftest *test)
{
	struct fields *f = signet_alloc(sizeof(*f));

	signet_selftest_check(test, "memory", 0, f);
	if (!f)
		return;
	SIGNATURES(ecdsa_p256_sha256, SIGNET_KEY_P256, SIGNET_SHA256);
	SIGNATURES(ecdsa_p384_sha384, SIGNET_KEY_P384, SIGNET_SHA384);
	SIGNATURES(rsa_2048_sha256, SIGNET_KEY_RSA, SIGNET_SHA256);
	SIGNATURES(rsa_3072_sha384, SIGNET_KEY_RSA, SIGNET_SHA384);
	SIGNATURES(rsa_4096_sha512, SIGNET_KEY_RSA, SIGNET_SHA512);
	x25519(test, f);
	ecdh_p256(test, f);
	AEAD(aes_128_gcm, SIGNET_AES_128_GCM_SHA256);
	AEAD(chacha20_poly1305, SIGNET_CHACHA20_POLY1305_SHA256);
	signet_free(f);
}
