/* SPDX-License-Identifier: GPL-2.0 */
/* X.509-SVIDs and their chains (RFC 5280; SPIFFE X509-SVID), and PKCS#10 (RFC 2986). */
#ifndef SIGNET_CORE_X509_H
#define SIGNET_CORE_X509_H

#include "core/crypto/crypto.h"
#include "core/der.h"

#define SIGNET_SPIFFE_ID_MAX 2048
#define SIGNET_CHAIN_MAX 4 /* certificates, without the root */
#define SIGNET_SERIAL_MAX 20 /* bytes */

/* What is wrong with a certificate or chain; each has its reason and its TLS alert. */
enum signet_x509_fault {
	SIGNET_X509_OK,
	SIGNET_X509_MALFORMED,
	SIGNET_X509_UNSUPPORTED, /* key, signature algorithm or critical extension */
	SIGNET_X509_NOT_SVID, /* URI count, cA, keyUsage, EKU, or key of the leaf */
	SIGNET_X509_BAD_ID,
	SIGNET_X509_WRONG_DOMAIN,
	SIGNET_X509_NOT_CA,
	SIGNET_X509_PATH_LENGTH,
	SIGNET_X509_NOT_YET,
	SIGNET_X509_EXPIRED,
	SIGNET_X509_UNKNOWN_ISSUER,
	SIGNET_X509_BAD_SIGNATURE,
	SIGNET_X509_NAME_CONSTRAINTS,
	SIGNET_X509_NO_MEMORY,
};

/**
 * struct signet_certificate - a parsed certificate; everything points into the DER
 * @der: all of it
 * @tbs: TBSCertificate with its header: what is signed
 * @serial: INTEGER's octets without a leading zero; never empty
 * @issuer: Name with its header
 * @subject: likewise
 * @spki: SubjectPublicKeyInfo with its header
 * @key: the public key in it
 * @signature: of the issuer
 * @signature_supported: the algorithm is one that signet_verify() knows
 * @signature_hash: of that algorithm
 * @signature_rsa: RSASSA-PKCS1-v1_5, else ECDSA
 * @not_before: seconds since 1970
 * @not_after: seconds since 1970
 * @san_critical: the SubjectAltName extension is critical
 * @uri: the first URI SAN
 * @uri_count: number of URI SANs
 * @san_other: a SAN that is no URI
 * @ca: basicConstraints says so
 * @path_length: -1 when none is given
 * @key_usage_present: so is the extension
 * @key_usage_critical: and it is critical
 * @key_usage: bit n of RFC 5280 is 1 << n
 * @eku_present: so is the extension
 * @eku_server: serverAuth
 * @eku_client: clientAuth
 * @eku_any: anyExtendedKeyUsage
 * @eku_other: any other
 * @name_constraints: contents of the extension's SEQUENCE, not yet looked at
 * @name_constraints_present: so is the extension
 * @unknown_critical: a critical extension that is none of these
 */
struct signet_certificate {
	struct signet_bytes der;
	struct signet_bytes tbs;
	struct signet_bytes serial;
	struct signet_bytes issuer;
	struct signet_bytes subject;
	struct signet_bytes spki;
	struct signet_public_key key;
	struct signet_bytes signature;
	bool signature_supported;
	enum signet_hash signature_hash;
	bool signature_rsa;
	s64 not_before;
	s64 not_after;
	bool san_critical;
	struct signet_bytes uri;
	unsigned int uri_count;
	bool san_other;
	bool ca;
	int path_length;
	bool key_usage_present;
	bool key_usage_critical;
	u16 key_usage;
	bool eku_present;
	bool eku_server;
	bool eku_client;
	bool eku_any;
	bool eku_other;
	struct signet_bytes name_constraints;
	bool name_constraints_present;
	bool unknown_critical;
};

/* Bits of key_usage (RFC 5280, 4.2.1.3). */
#define SIGNET_KEY_USAGE_DIGITAL_SIGNATURE (1 << 0)
#define SIGNET_KEY_USAGE_KEY_CERT_SIGN (1 << 5)

/**
 * signet_certificate_parse() - read a certificate (RFC 5280, 4.1)
 * @cert: filled; points into @der
 * @der: one certificate, DER, version 3
 * @len: its length
 *
 * Form alone is judged: strict DER, no extension twice, algorithms and keys that are known. What
 * the certificate is good for is signet_chain_check()'s business.
 *
 * Return: SIGNET_X509_OK, _MALFORMED or _UNSUPPORTED (key).
 */
enum signet_x509_fault signet_certificate_parse(struct signet_certificate *cert, const u8 *der,
						size_t len);

/* The trust bundle: parsed once, immutable, shared by reference (the module wraps it in a kref). */
struct signet_anchors {
	const char *trust_domain;
	const struct signet_certificate *roots;
	size_t count;
};

/**
 * signet_chain_check() - check a chain and that its leaf is an X.509-SVID
 * @chain: leaf first, each issued by the next; the root may be at the end or not
 * @count: 1 to SIGNET_CHAIN_MAX
 * @anchors: the trust bundle
 * @now: seconds since 1970
 * @leaf: filled on success; points into @chain
 *
 * RFC 5280, 6, for one trust domain: signatures, validity, basicConstraints, keyUsage, path
 * lengths and name constraints, from the anchor down, so that no key that isn't vouched for makes
 * work. Memory and time are bounded by SIGNET_CHAIN_MAX and the number of anchors with one name.
 * May sleep.
 *
 * Return: SIGNET_X509_OK, or what is wrong.
 */
enum signet_x509_fault signet_chain_check(const struct signet_bytes *chain, size_t count,
					  const struct signet_anchors *anchors, s64 now,
					  struct signet_certificate *leaf);

/* One sentence. */
const char *signet_x509_fault_text(enum signet_x509_fault fault);

/**
 * signet_csr_make() - a PKCS#10 request (RFC 2986) for a SPIFFE ID
 * @secret: the key that is to be certified, which signs the request
 * @public: its point
 * @spiffe_id: the one URI SAN; the subject is empty
 * @out: DER
 * @out_len: room in @out; set to the length
 *
 * Return: 0, -EINVAL for what is no SPIFFE ID, -ENOSPC without room, or why it couldn't be signed.
 */
int signet_csr_make(const u8 secret[SIGNET_P256_SCALAR_SIZE],
		    const u8 public[SIGNET_P256_POINT_SIZE], const char *spiffe_id, u8 *out,
		    size_t *out_len);

/**
 * signet_spiffe_id_valid() - is it a SPIFFE ID to the letter of the grammar?
 * @id: need not be NUL-terminated
 * @len: its length
 * @path: on success the offset of the path (@len when there is none); the trust domain is what is
 *	between "spiffe://" and it
 */
bool signet_spiffe_id_valid(const char *id, size_t len, size_t *path);

/* Is it the name of a trust domain, as a SPIFFE ID has it? NUL-terminated. */
bool signet_trust_domain_valid(const char *name);

/* Does the path of a valid @id start with the segment that Signet keeps for itself, "signet"? */
bool signet_spiffe_id_reserved(const char *id, size_t len, size_t path);

#endif
