// SPDX-License-Identifier: GPL-2.0
#include "pki.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

struct pki {
	EVP_PKEY *root_key;
	EVP_PKEY *issuer_key;
	X509 *root;
	X509 *issuer;
	u8 *root_der;
	struct signet_certificate root_certificate;
	struct signet_anchors anchors;
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "pki: %s failed\n", what);
	abort();
}

static EVP_PKEY *make_key(const char *algorithm)
{
	EVP_PKEY *key = !strcmp(algorithm, "RSA") ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) :
						    EVP_PKEY_Q_keygen(NULL, NULL, "EC", algorithm);

	require(key, algorithm);
	return key;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	require(extension && X509_add_ext(certificate, extension, -1), value);
	X509_EXTENSION_free(extension);
}

/* An unsigned certificate, valid an hour around PKI_NOW + @shift. */
static X509 *draft(EVP_PKEY *key, const char *subject, X509 *issuer, long serial, long shift)
{
	X509 *certificate = X509_new();
	X509_NAME *name;

	require(certificate, "X509_new");
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
	ASN1_TIME_set(X509_getm_notBefore(certificate), PKI_NOW + shift - 3600);
	ASN1_TIME_set(X509_getm_notAfter(certificate), PKI_NOW + shift + 3600);
	X509_set_pubkey(certificate, key);
	name = X509_get_subject_name(certificate);
	if (subject)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const u8 *)subject, -1, -1,
					   0);
	X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : name);
	return certificate;
}

static X509 *make_ca(EVP_PKEY *key, const char *subject, X509 *issuer, EVP_PKEY *signer)
{
	X509 *certificate = draft(key, subject, issuer, issuer ? 2 : 1, 0);

	add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
	require(X509_sign(certificate, signer, EVP_sha256()), "X509_sign");
	return certificate;
}

static size_t encode(X509 *certificate, u8 **der)
{
	int len = i2d_X509(certificate, der);

	require(len > 0, "i2d_X509");
	return len;
}

struct pki *pki_new(const char *algorithm)
{
	static unsigned int made;
	struct pki *pki = calloc(1, sizeof(*pki));
	char root[32], issuer[32];
	size_t len;

	require(pki, "calloc");
	pki->root_key = make_key(algorithm);
	pki->issuer_key = make_key(algorithm);
	snprintf(root, sizeof(root), "Root %u", made);
	snprintf(issuer, sizeof(issuer), "Issuer %u", made++);
	pki->root = make_ca(pki->root_key, root, NULL, pki->root_key);
	pki->issuer = make_ca(pki->issuer_key, issuer, pki->root, pki->root_key);
	len = encode(pki->root, &pki->root_der);
	require(signet_certificate_parse(&pki->root_certificate, pki->root_der, len) ==
			SIGNET_X509_OK,
		"signet_certificate_parse");
	pki->anchors.trust_domain = PKI_TRUST_DOMAIN;
	pki->anchors.roots = &pki->root_certificate;
	pki->anchors.count = 1;
	return pki;
}

void pki_free(struct pki *pki)
{
	OPENSSL_free(pki->root_der);
	X509_free(pki->root);
	X509_free(pki->issuer);
	EVP_PKEY_free(pki->root_key);
	EVP_PKEY_free(pki->issuer_key);
	free(pki);
}

const struct signet_anchors *pki_anchors(const struct pki *pki)
{
	return &pki->anchors;
}

struct signet_tls_credential *pki_issue(const struct pki *pki, const char *path,
					enum pki_flaw flaw)
{
	struct signet_tls_credential *credential = calloc(1, sizeof(*credential));
	long shift = flaw == PKI_EXPIRED ? -7200 : flaw == PKI_NOT_YET ? 7200 : 0;
	EVP_PKEY *key = make_key("P-256");
	X509 *leaf = draft(key, NULL, pki->issuer, 3, shift);
	BIGNUM *secret = NULL;
	char uri[256];
	u8 *der;

	require(credential, "calloc");
	add_extension(leaf, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(leaf, NID_key_usage, "critical,digitalSignature");
	add_extension(leaf, NID_ext_key_usage,
		      flaw == PKI_NO_CLIENT_AUTH ? "serverAuth" : "serverAuth,clientAuth");
	snprintf(uri, sizeof(uri), "critical,URI:spiffe://%s%s",
		 flaw == PKI_OTHER_DOMAIN ? "other.test" : PKI_TRUST_DOMAIN, path);
	add_extension(leaf, NID_subject_alt_name,
		      flaw == PKI_NO_URI ? "critical,DNS:demo.test" : uri);
	require(X509_sign(leaf, pki->issuer_key, EVP_sha256()), "X509_sign");

	require(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret), "private key");
	BN_bn2binpad(secret, credential->secret, sizeof(credential->secret));
	BN_clear_free(secret);
	der = NULL;
	credential->chain[0].len = encode(leaf, &der);
	credential->chain[0].data = der;
	credential->chain_count = 1;
	if (flaw != PKI_WITHOUT_ISSUER) {
		der = NULL;
		credential->chain[1].len = encode(pki->issuer, &der);
		credential->chain[1].data = der;
		credential->chain_count = 2;
	}
	X509_free(leaf);
	EVP_PKEY_free(key);
	return credential;
}

void pki_credential_free(struct signet_tls_credential *credential)
{
	size_t i;

	for (i = 0; i < credential->chain_count; i++)
		OPENSSL_free((void *)credential->chain[i].data);
	signet_wipe(credential->secret, sizeof(credential->secret));
	free(credential);
}
