// SPDX-License-Identifier: GPL-2.0
/*
 * ECDSA over P-256 with SHA-256 (FIPS 186-5). The nonce is RFC 6979's, hedged with fresh
 * randomness as its section 3.6 allows: neither a bad random generator nor a repeated message
 * repeats a nonce for different signatures.
 */
#include "core/crypto/p256.h"
#include "core/der.h"

/* HMAC_DRBG as RFC 6979, 3.2, uses it. */
struct nonces {
	u8 k[SIGNET_SHA256_SIZE];
	u8 v[SIGNET_SHA256_SIZE];
};

static void nonces_update(struct nonces *n, u8 separator, const u8 *seed, size_t seed_len)
{
	u8 message[SIGNET_SHA256_SIZE + 1 + 3 * SIGNET_SHA256_SIZE];

	memcpy(message, n->v, sizeof(n->v));
	message[sizeof(n->v)] = separator;
	if (seed_len)
		memcpy(message + sizeof(n->v) + 1, seed, seed_len);
	signet_hmac_sha256(n->k, sizeof(n->k), message, sizeof(n->v) + 1 + seed_len, n->k);
	signet_hmac_sha256(n->k, sizeof(n->k), n->v, sizeof(n->v), n->v);
	signet_wipe(message, sizeof(message));
}

/* RFC 6979, 3.2, a to g, with the additional data of 3.6. */
static void nonces_init(struct nonces *n, const u8 secret[SIGNET_P256_SCALAR_SIZE],
			const struct signet_scalar *e, const u8 *entropy, size_t entropy_len)
{
	u8 seed[3 * SIGNET_SHA256_SIZE];
	size_t len = 2 * SIGNET_SHA256_SIZE;

	memcpy(seed, secret, SIGNET_P256_SCALAR_SIZE);
	signet_scalar_bytes(seed + SIGNET_P256_SCALAR_SIZE, e);
	if (entropy_len) {
		memcpy(seed + len, entropy, entropy_len);
		len += entropy_len;
	}
	memset(n->v, 0x01, sizeof(n->v));
	memset(n->k, 0x00, sizeof(n->k));
	nonces_update(n, 0x00, seed, len);
	nonces_update(n, 0x01, seed, len);
	signet_wipe(seed, sizeof(seed));
}

/* RFC 6979, 3.2, h. False when the candidate is out of range: ask again. */
static bool nonces_next(struct nonces *n, struct signet_scalar *k)
{
	signet_hmac_sha256(n->k, sizeof(n->k), n->v, sizeof(n->v), n->v);
	if (signet_scalar_parse(k, n->v))
		return true;
	nonces_update(n, 0x00, NULL, 0);
	return false;
}

static void random_scalar(struct signet_scalar *out)
{
	u8 bytes[SIGNET_P256_SCALAR_SIZE];

	do {
		signet_random(bytes, sizeof(bytes));
	} while (!signet_scalar_parse(out, bytes));
	signet_wipe(bytes, sizeof(bytes));
}

/* s = (e + r d) / k, where neither k nor d meets anything but random numbers. */
static void blinded_s(struct signet_scalar *s, const struct signet_scalar *e,
		      const struct signet_scalar *r, const struct signet_scalar *d,
		      const struct signet_scalar *k)
{
	struct signet_scalar b, t, u;

	random_scalar(&b);
	signet_scalar_mult(&t, &b, d);
	signet_scalar_mult(&t, &t, r);
	signet_scalar_mult(&u, &b, e);
	signet_scalar_add(&t, &t, &u);
	signet_scalar_mult(&u, &b, k);
	signet_scalar_invert(&u, &u);
	signet_scalar_mult(s, &t, &u);
	signet_wipe(&b, sizeof(b));
	signet_wipe(&t, sizeof(t));
	signet_wipe(&u, sizeof(u));
}

/* s k = e + r d: a fault in the arithmetic must not give out a signature that tells the key. */
static bool consistent(const struct signet_scalar *s, const struct signet_scalar *e,
		       const struct signet_scalar *r, const struct signet_scalar *d,
		       const struct signet_scalar *k)
{
	struct signet_scalar left, right;
	bool equal;

	signet_scalar_mult(&left, s, k);
	signet_scalar_mult(&right, r, d);
	signet_scalar_add(&right, &right, e);
	equal = signet_scalar_equal(&left, &right);
	signet_wipe(&left, sizeof(left));
	signet_wipe(&right, sizeof(right));
	return equal;
}

static void signature_write(const struct signet_scalar *r, const struct signet_scalar *s,
			    u8 sig[SIGNET_ECDSA_P256_MAX], size_t *sig_len)
{
	u8 bytes[SIGNET_P256_SCALAR_SIZE];
	u8 buffer[SIGNET_ECDSA_P256_MAX];
	struct signet_der_writer w;
	struct signet_bytes der;
	size_t mark;

	signet_der_writer_init(&w, buffer, sizeof(buffer));
	mark = signet_der_mark(&w);
	signet_scalar_bytes(bytes, s);
	signet_der_put_unsigned(&w, bytes, sizeof(bytes));
	signet_scalar_bytes(bytes, r);
	signet_der_put_unsigned(&w, bytes, sizeof(bytes));
	signet_der_wrap(&w, SIGNET_DER_SEQUENCE, mark);
	signet_der_written(&w, &der);
	memcpy(sig, der.data, der.len);
	*sig_len = der.len;
}

/* One signature's secrets, off the stack. */
struct signing {
	struct signet_scalar d, e, k, r, s;
	struct nonces nonces;
	u8 bytes[SIGNET_P256_SCALAR_SIZE];
};

static int sign(struct signing *c, u8 sig[SIGNET_ECDSA_P256_MAX], size_t *sig_len)
{
	for (;;) {
		int ret;

		if (!nonces_next(&c->nonces, &c->k))
			continue;
		signet_scalar_bytes(c->bytes, &c->k);
		ret = signet_p256_base_x(c->bytes, c->bytes);
		if (ret)
			return ret;
		signet_scalar_reduce(&c->r, c->bytes);
		blinded_s(&c->s, &c->e, &c->r, &c->d, &c->k);
		if (!consistent(&c->s, &c->e, &c->r, &c->d, &c->k))
			return -EIO;
		if (!signet_scalar_zero(&c->r) && !signet_scalar_zero(&c->s)) {
			signature_write(&c->r, &c->s, sig, sig_len);
			return 0;
		}
		nonces_update(&c->nonces, 0x00, NULL, 0);
	}
}

int signet_ecdsa_sign_with(const u8 secret[SIGNET_P256_SCALAR_SIZE],
			   const u8 digest[SIGNET_SHA256_SIZE], const u8 *entropy,
			   size_t entropy_len, u8 sig[SIGNET_ECDSA_P256_MAX], size_t *sig_len)
{
	struct signing *c;
	int ret = -EINVAL;

	memset(sig, 0, SIGNET_ECDSA_P256_MAX);
	*sig_len = 0;
	c = signet_alloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	if (entropy_len <= SIGNET_SHA256_SIZE && signet_scalar_parse(&c->d, secret)) {
		signet_scalar_reduce(&c->e, digest);
		nonces_init(&c->nonces, secret, &c->e, entropy, entropy_len);
		ret = sign(c, sig, sig_len);
	}
	signet_free(c);
	return ret;
}

int signet_ecdsa_p256_sign(const u8 secret[SIGNET_P256_SCALAR_SIZE],
			   const u8 digest[SIGNET_SHA256_SIZE], u8 sig[SIGNET_ECDSA_P256_MAX],
			   size_t *sig_len)
{
	u8 entropy[SIGNET_SHA256_SIZE];
	int ret;

	signet_random(entropy, sizeof(entropy));
	ret = signet_ecdsa_sign_with(secret, digest, entropy, sizeof(entropy), sig, sig_len);
	signet_wipe(entropy, sizeof(entropy));
	return ret;
}

static int signature_integer(struct signet_bytes *in, size_t size, u8 *out)
{
	struct signet_bytes n;

	if (!signet_der_read_unsigned(in, &n) || n.len > size)
		return -EBADMSG;
	memset(out, 0, size - n.len);
	memcpy(out + size - n.len, n.data, n.len);
	return 0;
}

int signet_ecdsa_signature_parse(const u8 *sig, size_t sig_len, size_t size, u8 *r, u8 *s)
{
	struct signet_bytes in = { sig, sig_len }, content;

	if (!signet_der_read(&in, SIGNET_DER_SEQUENCE, &content) || in.len ||
	    signature_integer(&content, size, r) || signature_integer(&content, size, s) ||
	    content.len)
		return -EBADMSG;
	return 0;
}
