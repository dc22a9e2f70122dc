// SPDX-License-Identifier: GPL-2.0
/* X.509 certificates (RFC 5280, 4.1). */
#include "core/x509/internal.h"

static const struct {
	struct signet_bytes oid;
	enum signet_hash hash;
	bool rsa;
} signature_algorithms[] = {
	{ SIGNET_OID("\x2a\x86\x48\xce\x3d\x04\x03\x02"), SIGNET_SHA256, false },
	{ SIGNET_OID("\x2a\x86\x48\xce\x3d\x04\x03\x03"), SIGNET_SHA384, false },
	{ SIGNET_OID("\x2a\x86\x48\xce\x3d\x04\x03\x04"), SIGNET_SHA512, false },
	{ SIGNET_OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), SIGNET_SHA256, true },
	{ SIGNET_OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"), SIGNET_SHA384, true },
	{ SIGNET_OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"), SIGNET_SHA512, true },
};

/* AlgorithmIdentifier: one that isn't known is marked, and refused where it would be needed. */
static bool read_signature_algorithm(struct signet_bytes algorithm,
				     struct signet_certificate *cert)
{
	struct signet_bytes oid, null;
	size_t i;

	if (!signet_der_read_oid(&algorithm, &oid))
		return false;
	for (i = 0; i < ARRAY_SIZE(signature_algorithms); i++) {
		if (!signet_bytes_equal(&oid, &signature_algorithms[i].oid))
			continue;
		cert->signature_hash = signature_algorithms[i].hash;
		cert->signature_rsa = signature_algorithms[i].rsa;
		cert->signature_supported = true;
		/* RFC 5758, 3.2: no parameters; RFC 4055, 5: NULL. */
		if (cert->signature_rsa &&
		    (!signet_der_read(&algorithm, SIGNET_DER_NULL, &null) || null.len))
			return false;
		return !algorithm.len;
	}
	return true;
}

/* A Name: RDNs, each a set of attributes. What they say is never looked at, only compared. */
static bool read_name(struct signet_bytes *in, struct signet_bytes *name)
{
	struct signet_bytes rdns, rdn, attribute, value;
	u8 tag;

	if (!signet_der_read_whole(in, SIGNET_DER_SEQUENCE, &rdns, name))
		return false;
	while (rdns.len) {
		if (!signet_der_read(&rdns, SIGNET_DER_SET, &rdn) || !rdn.len)
			return false;
		while (rdn.len)
			if (!signet_der_read(&rdn, SIGNET_DER_SEQUENCE, &attribute) ||
			    !signet_der_read_oid(&attribute, &value) ||
			    !signet_der_read_any(&attribute, &tag, &value) || attribute.len)
				return false;
	}
	return true;
}

static bool read_validity(struct signet_bytes *in, struct signet_certificate *cert)
{
	struct signet_bytes validity;

	return signet_der_read(in, SIGNET_DER_SEQUENCE, &validity) &&
	       signet_der_read_time(&validity, &cert->not_before) &&
	       signet_der_read_time(&validity, &cert->not_after) && !validity.len &&
	       cert->not_before <= cert->not_after;
}

static bool read_version_3(struct signet_bytes *in)
{
	struct signet_bytes explicit, version;

	return signet_der_read(in, SIGNET_DER_CONTEXT(0), &explicit) &&
	       signet_der_read_unsigned(&explicit, &version) && !explicit.len &&
	       version.len == 1 && version.data[0] == 2;
}

static enum signet_x509_fault read_tbs(struct signet_bytes tbs, struct signet_certificate *cert,
				       const struct signet_bytes *outer_algorithm)
{
	struct signet_bytes algorithm, explicit, extensions;
	enum signet_x509_fault fault;

	if (!read_version_3(&tbs) || !signet_der_read_unsigned(&tbs, &cert->serial) ||
	    !cert->serial.len || cert->serial.len > SIGNET_SERIAL_MAX ||
	    !signet_der_read(&tbs, SIGNET_DER_SEQUENCE, &algorithm) ||
	    !signet_bytes_equal(&algorithm, outer_algorithm) ||
	    !read_name(&tbs, &cert->issuer) || signet_name_empty(&cert->issuer) ||
	    !read_validity(&tbs, cert) || !read_name(&tbs, &cert->subject))
		return SIGNET_X509_MALFORMED;
	fault = signet_public_key_read(&tbs, &cert->key, &cert->spki);
	if (fault)
		return fault;
	/* Unique identifiers (RFC 5280, 4.1.2.8) aren't taken. */
	if (!signet_der_read(&tbs, SIGNET_DER_CONTEXT(3), &explicit) || tbs.len ||
	    !signet_der_read(&explicit, SIGNET_DER_SEQUENCE, &extensions) || explicit.len)
		return SIGNET_X509_MALFORMED;
	return signet_extensions_parse(cert, extensions);
}

enum signet_x509_fault signet_certificate_parse(struct signet_certificate *cert, const u8 *der,
						size_t len)
{
	struct signet_bytes in = { der, len }, certificate, tbs, algorithm;

	memset(cert, 0, sizeof(*cert));
	cert->path_length = -1;
	if (!signet_der_read_whole(&in, SIGNET_DER_SEQUENCE, &certificate, &cert->der) || in.len ||
	    !signet_der_read_whole(&certificate, SIGNET_DER_SEQUENCE, &tbs, &cert->tbs) ||
	    !signet_der_read(&certificate, SIGNET_DER_SEQUENCE, &algorithm) ||
	    !signet_der_read_octets(&certificate, &cert->signature) || certificate.len ||
	    !read_signature_algorithm(algorithm, cert))
		return SIGNET_X509_MALFORMED;
	return read_tbs(tbs, cert, &algorithm);
}

const char *signet_x509_fault_text(enum signet_x509_fault fault)
{
	switch (fault) {
	case SIGNET_X509_OK:
		return "The certificate is good.";
	case SIGNET_X509_MALFORMED:
		return "The certificate is not well-formed DER, or says something twice.";
	case SIGNET_X509_UNSUPPORTED:
		return "A key, signature algorithm or critical extension is not supported.";
	case SIGNET_X509_NOT_SVID:
		return "The leaf's names, key usages or key are not those of an X.509-SVID.";
	case SIGNET_X509_BAD_ID:
		return "The URI in the certificate is no SPIFFE ID that it may have.";
	case SIGNET_X509_WRONG_DOMAIN:
		return "The SPIFFE ID is of another trust domain.";
	case SIGNET_X509_NOT_CA:
		return "An issuer in the chain may not sign certificates.";
	case SIGNET_X509_PATH_LENGTH:
		return "The chain is longer than it may be.";
	case SIGNET_X509_NOT_YET:
		return "A certificate of the chain is not yet valid.";
	case SIGNET_X509_EXPIRED:
		return "A certificate of the chain has expired.";
	case SIGNET_X509_UNKNOWN_ISSUER:
		return "The chain does not end at a root of the trust bundle.";
	case SIGNET_X509_BAD_SIGNATURE:
		return "A signature in the chain is wrong.";
	case SIGNET_X509_NAME_CONSTRAINTS:
		return "A name in the chain breaks the name constraints of an issuer.";
	case SIGNET_X509_NO_MEMORY:
		return "There was no memory to check the certificate.";
	}
	return "Unknown.";
}
