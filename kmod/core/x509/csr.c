// SPDX-License-Identifier: GPL-2.0
/* PKCS#10 requests (RFC 2986) for SVIDs. Each element is written after what follows it (der.h). */
#include "core/x509/internal.h"

static const u8 ecdsa_with_sha256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
					0x3d, 0x04, 0x03, 0x02 };
static const u8 ec_p256[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
			      0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const u8 extension_request[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					0xf7, 0x0d, 0x01, 0x09, 0x0e };
/* subjectAltName, critical TRUE: the subject is empty (RFC 5280, 4.2.1.6). */
static const u8 critical_san[] = { 0x06, 0x03, 0x55, 0x1d, 0x11, 0x01, 0x01, 0xff };

static void put_algorithm(struct signet_der_writer *w)
{
	size_t mark = signet_der_mark(w);

	signet_der_put(w, ecdsa_with_sha256, sizeof(ecdsa_with_sha256));
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, mark);
}

static void put_bits(struct signet_der_writer *w, const u8 *data, size_t len)
{
	size_t mark = signet_der_mark(w);

	signet_der_put(w, data, len);
	signet_der_put_byte(w, 0);
	signet_der_wrap(w, SIGNET_DER_BIT_STRING, mark);
}

static void put_public_key(struct signet_der_writer *w, const u8 public[SIGNET_P256_POINT_SIZE])
{
	size_t outer = signet_der_mark(w), inner;

	put_bits(w, public, SIGNET_P256_POINT_SIZE);
	inner = signet_der_mark(w);
	signet_der_put(w, ec_p256, sizeof(ec_p256));
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, inner);
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, outer);
}

/* attributes: one extensionRequest (RFC 2985, 5.4.2) with one extension, the SAN. */
static void put_attributes(struct signet_der_writer *w, const char *spiffe_id)
{
	size_t mark = signet_der_mark(w);

	signet_der_put(w, spiffe_id, strlen(spiffe_id));
	signet_der_wrap(w, SIGNET_DER_CONTEXT_PRIMITIVE(6), mark);
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, mark);
	signet_der_wrap(w, SIGNET_DER_OCTET_STRING, mark);
	signet_der_put(w, critical_san, sizeof(critical_san));
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, mark);
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, mark);
	signet_der_wrap(w, SIGNET_DER_SET, mark);
	signet_der_put(w, extension_request, sizeof(extension_request));
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, mark);
	signet_der_wrap(w, SIGNET_DER_CONTEXT(0), mark);
}

/* CertificationRequestInfo; its bytes are what is signed. */
static void put_info(struct signet_der_writer *w, const u8 public[SIGNET_P256_POINT_SIZE],
		     const char *spiffe_id)
{
	static const u8 head[] = { SIGNET_DER_INTEGER, 1, 0, SIGNET_DER_SEQUENCE, 0 };
	size_t mark = signet_der_mark(w);

	put_attributes(w, spiffe_id);
	put_public_key(w, public);
	/* Version 1, and the subject: no RDN. */
	signet_der_put(w, head, sizeof(head));
	signet_der_wrap(w, SIGNET_DER_SEQUENCE, mark);
}

int signet_csr_make(const u8 secret[SIGNET_P256_SCALAR_SIZE],
		    const u8 public[SIGNET_P256_POINT_SIZE], const char *spiffe_id, u8 *out,
		    size_t *out_len)
{
	u8 digest[SIGNET_SHA256_SIZE], signature[SIGNET_ECDSA_P256_MAX];
	struct signet_der_writer w;
	struct signet_bytes der;
	size_t path, signature_len;
	int ret;

	if (!signet_spiffe_id_valid(spiffe_id, strlen(spiffe_id), &path) || !spiffe_id[path])
		return -EINVAL;

	/* What is signed first, to its digest, ... */
	signet_der_writer_init(&w, out, *out_len);
	put_info(&w, public, spiffe_id);
	if (!signet_der_written(&w, &der))
		return -ENOSPC;
	ret = signet_hash(SIGNET_SHA256, der.data, der.len, digest);
	if (ret)
		return ret;
	ret = signet_ecdsa_p256_sign(secret, digest, signature, &signature_len);
	if (ret)
		return ret;

	/* ... then all of it from the end. */
	signet_der_writer_init(&w, out, *out_len);
	put_bits(&w, signature, signature_len);
	put_algorithm(&w);
	put_info(&w, public, spiffe_id);
	signet_der_wrap(&w, SIGNET_DER_SEQUENCE, *out_len);
	if (!signet_der_written(&w, &der))
		return -ENOSPC;
	memmove(out, der.data, der.len);
	*out_len = der.len;
	return 0;
}
