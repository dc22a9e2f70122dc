// SPDX-License-Identifier: GPL-2.0
/*
 * Verifying RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the kernel raises the signature to the public
 * exponent, and the result is compared as a whole with the one right encoding.
 */
#include <crypto/akcipher.h>
#include <linux/err.h>
#include <linux/scatterlist.h>

#include "crypto/primitives.h"

#define MODULUS_MIN 256
#define MODULUS_MAX 512
#define PREFIX_SIZE 19

/* DigestInfo up to the digest (RFC 8017, 9.2, note 1), in the order of enum signet_hash. */
static const u8 prefixes[][PREFIX_SIZE] = {
	{ 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
	  0x05, 0x00, 0x04, 0x20 },
	{ 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
	  0x05, 0x00, 0x04, 0x30 },
	{ 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
	  0x05, 0x00, 0x04, 0x40 },
};

/* EMSA-PKCS1-v1_5: 00 01 ff … ff 00, DigestInfo. */
static void encode(u8 *out, size_t len, enum signet_hash hash, const u8 *digest,
		   size_t digest_len)
{
	size_t padding = len - 3 - PREFIX_SIZE - digest_len;

	out[0] = 0x00;
	out[1] = 0x01;
	memset(out + 2, 0xff, padding);
	out[2 + padding] = 0x00;
	memcpy(out + 3 + padding, prefixes[hash], PREFIX_SIZE);
	memcpy(out + len - digest_len, digest, digest_len);
}

/* @buffer to the public exponent, in place. */
static int raise(struct crypto_akcipher *tfm, u8 *buffer, size_t len)
{
	struct akcipher_request *request = akcipher_request_alloc(tfm, GFP_KERNEL);
	struct scatterlist in, out;
	DECLARE_CRYPTO_WAIT(wait);
	int ret;

	if (!request)
		return -ENOMEM;
	sg_init_one(&in, buffer, len);
	sg_init_one(&out, buffer, len);
	akcipher_request_set_crypt(request, &in, &out, len, len);
	akcipher_request_set_callback(request,
				      CRYPTO_TFM_REQ_MAY_BACKLOG | CRYPTO_TFM_REQ_MAY_SLEEP,
				      crypto_req_done, &wait);
	ret = crypto_wait_req(crypto_akcipher_encrypt(request), &wait);
	akcipher_request_free(request);
	return ret == -ENOMEM || !ret ? ret : -EBADMSG;
}

int signet_rsa_verify_digest(const struct signet_public_key *key, enum signet_hash hash,
			     const u8 *digest, size_t digest_len, const u8 *sig, size_t sig_len)
{
	struct crypto_akcipher *tfm = crypto_alloc_akcipher("rsa", 0, 0);
	u8 *buffers;
	int size, ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	buffers = kmalloc(2 * MODULUS_MAX, GFP_KERNEL);
	ret = -ENOMEM;
	if (!buffers)
		goto out;
	ret = crypto_akcipher_set_pub_key(tfm, key->data, key->len);
	if (ret) {
		ret = ret == -ENOMEM ? ret : -EINVAL;
		goto out;
	}
	size = crypto_akcipher_maxsize(tfm);
	ret = -EINVAL;
	if (size < MODULUS_MIN || size > MODULUS_MAX)
		goto out;
	ret = -EBADMSG;
	if (sig_len != size)
		goto out;
	memcpy(buffers, sig, sig_len);
	ret = raise(tfm, buffers, sig_len);
	if (ret)
		goto out;
	encode(buffers + MODULUS_MAX, sig_len, hash, digest, digest_len);
	if (memcmp(buffers, buffers + MODULUS_MAX, sig_len))
		ret = -EBADMSG;
out:
	kfree(buffers);
	crypto_free_akcipher(tfm);
	return ret;
}
