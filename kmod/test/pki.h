/* SPDX-License-Identifier: GPL-2.0 */
/* A certificate authority for tests: a root, an issuer under it, and leaves. */
#ifndef SIGNET_TEST_PKI_H
#define SIGNET_TEST_PKI_H

#include "core/tls/tls.h"

#define PKI_NOW 1800000000 /* when all of it is valid */
#define PKI_TRUST_DOMAIN "demo.test"

/* What is wrong with a leaf on purpose. */
enum pki_flaw {
	PKI_SOUND,
	PKI_EXPIRED,
	PKI_NOT_YET,
	PKI_NO_URI,
	PKI_OTHER_DOMAIN,
	PKI_NO_CLIENT_AUTH,
	PKI_WITHOUT_ISSUER, /* the chain ends with the leaf */
};

struct pki;

/* @algorithm of root and issuer: "P-256", "P-384" or "RSA". Aborts when OpenSSL fails. */
struct pki *pki_new(const char *algorithm);
void pki_free(struct pki *pki);
const struct signet_anchors *pki_anchors(const struct pki *pki);

/* A leaf with "spiffe://demo.test" and @path, with its chain. */
struct signet_tls_credential *pki_issue(const struct pki *pki, const char *path,
					enum pki_flaw flaw);
void pki_credential_free(struct signet_tls_credential *credential);

#endif
