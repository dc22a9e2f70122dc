/* SPDX-License-Identifier: GPL-2.0 */
/* X.509-SVIDs and their chains (RFC 5280; SPIFFE X509-SVID), and PKCS#10 (RFC 2986). */
#ifndef SIGNET_CORE_X509_H
#define SIGNET_CORE_X509_H

#include "crypto.h"

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

/* A parsed certificate; everything points into the DER. */
struct signet_certificate {
	struct signet_bytes der;
	struct signet_bytes tbs;
	struct signet_bytes serial; /* INTEGER's bytes without a leading zero */
	struct signet_bytes issuer; /* Name, DER */
	struct signet_bytes subject;
	struct signet_bytes spki;
	struct signet_public_key key;
	struct signet_bytes signature;
	enum signet_hash signature_hash;
	enum signet_key_type signature_key;
	s64 not_before; /* seconds since 1970 */
	s64 not_after;
	struct signet_bytes uri; /* the only URI SAN */
	unsigned int uri_count;
	bool san_other; /* a SAN that is no URI */
	bool ca;
	int path_length; /* -1: none given */
	bool key_usage_present;
	bool key_usage_critical;
	u16 key_usage; /* bit n of RFC 5280 is 1 << n */
	bool eku_present;
	bool eku_server;
	bool eku_client;
	bool eku_other;
	bool unknown_critical;
};

enum signet_x509_fault signet_certificate_parse(struct signet_certificate *cert, const u8 *der,
						size_t len);

/* The trust bundle: parsed once, immutable, shared by reference (the module wraps it in a kref). */
struct signet_anchors {
	const char *trust_domain;
	const struct signet_certificate *roots;
	size_t count;
};

/*
 * Check a chain (leaf first, without the root) to one of @anchors at @now, and that the leaf is an
 * X.509-SVID of the bundle's trust domain. On success @leaf is filled. One pass, bounded by
 * SIGNET_CHAIN_MAX; each certificate must be issued by the next.
 */
enum signet_x509_fault signet_chain_check(const struct signet_bytes *chain, size_t count,
					  const struct signet_anchors *anchors, s64 now,
					  struct signet_certificate *leaf);

/* One sentence. */
const char *signet_x509_fault_text(enum signet_x509_fault fault);

/*
 * A PKCS#10 request with an empty subject and @spiffe_id as its one URI SAN, signed with @secret.
 * @out has room for *@out_len, which is set. -ENOSPC when it hasn't.
 */
int signet_csr_make(const u8 secret[SIGNET_P256_SCALAR_SIZE],
		    const u8 public[SIGNET_P256_POINT_SIZE], const char *spiffe_id, u8 *out,
		    size_t *out_len);

/*
 * Is @id a SPIFFE ID to the letter of the grammar (design §4)? On success *@path is the offset of
 * the path (the length of @id when there is none) and the trust domain is what is between.
 */
bool signet_spiffe_id_valid(const char *id, size_t len, size_t *path);

#endif
