/* SPDX-License-Identifier: GPL-2.0 */
/* Certificates to order, right or wrong, made by OpenSSL. */
#ifndef SIGNET_TEST_CERTIFICATE_FIXTURE_H
#define SIGNET_TEST_CERTIFICATE_FIXTURE_H

#include "core/x509/x509.h"

#define FIXTURE_NOW 1800000000

/* What a certificate says. Extensions are in OpenSSL's notation; NULL is none. */
struct certificate_order {
	const char *key; /* "P-256", "P-384", "P-521", "ED25519", "RSA-2048"; NULL: P-256 */
	const char *subject; /* common name; NULL: empty */
	const char *digest; /* NULL: SHA256 */
	s64 not_before; /* 0: an hour before FIXTURE_NOW */
	s64 not_after; /* 0: an hour after */
	const char *basic_constraints;
	const char *key_usage;
	const char *eku;
	const char *san;
	const char *name_constraints;
	const char *unknown; /* an extension of OID 1.2.3.4 */
	bool unknown_twice;
	bool version_1;
};

struct test_certificate;

/* Signed by @issuer, or by itself when that is NULL. Aborts when OpenSSL fails. */
struct test_certificate *certificate_make(const struct certificate_order *order,
					  const struct test_certificate *issuer);
void certificate_free(struct test_certificate *certificate);
struct signet_bytes certificate_der(const struct test_certificate *certificate);

/* Orders for what is as it should be: copy and spoil. */
extern const struct certificate_order root_order, issuer_order, leaf_order;

#endif
