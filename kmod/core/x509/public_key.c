// SPDX-License-Identifier: GPL-2.0
/* SubjectPublicKeyInfo (RFC 5480, RFC 3279): P-256, P-384 and RSA. */
#include "core/x509/internal.h"

#define RSA_EXPONENT_OCTETS_MAX 4

static const struct signet_bytes ec_public_key = SIGNET_OID("\x2a\x86\x48\xce\x3d\x02\x01");
static const struct signet_bytes prime256v1 = SIGNET_OID("\x2a\x86\x48\xce\x3d\x03\x01\x07");
static const struct signet_bytes secp384r1 = SIGNET_OID("\x2b\x81\x04\x00\x22");
static const struct signet_bytes rsa_encryption =
	SIGNET_OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");

static enum signet_x509_fault elliptic(struct signet_bytes parameters,
				       struct signet_public_key *key)
{
	struct signet_bytes curve;
	size_t size;

	if (!signet_der_read_oid(&parameters, &curve) || parameters.len)
		return SIGNET_X509_UNSUPPORTED;
	if (signet_bytes_equal(&curve, &prime256v1)) {
		key->type = SIGNET_KEY_P256;
		size = 32;
	} else if (signet_bytes_equal(&curve, &secp384r1)) {
		key->type = SIGNET_KEY_P384;
		size = 48;
	} else {
		return SIGNET_X509_UNSUPPORTED;
	}
	if (key->len == 1 + size && (key->data[0] == 2 || key->data[0] == 3))
		return SIGNET_X509_UNSUPPORTED;
	if (key->len != 1 + 2 * size || key->data[0] != 4)
		return SIGNET_X509_MALFORMED;
	return SIGNET_X509_OK;
}

static enum signet_x509_fault rsa(struct signet_bytes parameters, struct signet_public_key *key)
{
	struct signet_bytes in = { key->data, key->len }, sequence, modulus, exponent, null;
	size_t bits;
	u8 top;

	if (!signet_der_read(&parameters, SIGNET_DER_NULL, &null) || null.len || parameters.len)
		return SIGNET_X509_MALFORMED;
	if (!signet_der_read(&in, SIGNET_DER_SEQUENCE, &sequence) || in.len ||
	    !signet_der_read_unsigned(&sequence, &modulus) ||
	    !signet_der_read_unsigned(&sequence, &exponent) || sequence.len || !modulus.len ||
	    !exponent.len)
		return SIGNET_X509_MALFORMED;
	bits = 8 * modulus.len;
	for (top = modulus.data[0]; !(top & 0x80); top <<= 1)
		bits--;
	/* The sizes that the kernel takes. */
	if ((bits != 2048 && bits != 3072 && bits != 4096) ||
	    exponent.len > RSA_EXPONENT_OCTETS_MAX)
		return SIGNET_X509_UNSUPPORTED;
	if (!(modulus.data[modulus.len - 1] & 1) || !(exponent.data[exponent.len - 1] & 1) ||
	    (exponent.len == 1 && exponent.data[0] < 3))
		return SIGNET_X509_MALFORMED;
	key->type = SIGNET_KEY_RSA;
	return SIGNET_X509_OK;
}

enum signet_x509_fault signet_public_key_read(struct signet_bytes *in,
					      struct signet_public_key *key,
					      struct signet_bytes *spki)
{
	struct signet_bytes sequence, algorithm, oid, bits;

	if (!signet_der_read_whole(in, SIGNET_DER_SEQUENCE, &sequence, spki) ||
	    !signet_der_read(&sequence, SIGNET_DER_SEQUENCE, &algorithm) ||
	    !signet_der_read_oid(&algorithm, &oid) ||
	    !signet_der_read_octets(&sequence, &bits) || sequence.len)
		return SIGNET_X509_MALFORMED;
	key->data = bits.data;
	key->len = bits.len;
	if (signet_bytes_equal(&oid, &ec_public_key))
		return elliptic(algorithm, key);
	if (signet_bytes_equal(&oid, &rsa_encryption))
		return rsa(algorithm, key);
	return SIGNET_X509_UNSUPPORTED;
}
