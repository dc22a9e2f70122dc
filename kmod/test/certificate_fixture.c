// SPDX-License-Identifier: GPL-2.0
#include "certificate_fixture.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

struct test_certificate {
	EVP_PKEY *key;
	X509 *x509;
	u8 *der;
	size_t len;
};

const struct certificate_order root_order = {
	.subject = "Root",
	.basic_constraints = "critical,CA:TRUE",
	.key_usage = "critical,keyCertSign,cRLSign",
};

const struct certificate_order issuer_order = {
	.subject = "Issuer",
	.basic_constraints = "critical,CA:TRUE,pathlen:0",
	.key_usage = "critical,keyCertSign,cRLSign",
};

const struct certificate_order leaf_order = {
	.key_usage = "critical,digitalSignature",
	.eku = "serverAuth,clientAuth",
	.san = "critical,URI:spiffe://demo.test/demo/web",
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "certificate_fixture: %s failed\n", what);
	abort();
}

static EVP_PKEY *make_key(const char *name)
{
	static EVP_PKEY *rsa;
	EVP_PKEY *key;

	if (!strcmp(name, "RSA-2048")) {
		/* One will do: they take long. */
		if (!rsa)
			rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
		EVP_PKEY_up_ref(rsa);
		key = rsa;
	} else if (!strcmp(name, "ED25519")) {
		key = EVP_PKEY_Q_keygen(NULL, NULL, name);
	} else {
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", name);
	}
	require(key, name);
	return key;
}

static void add_extension(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension;

	if (!value)
		return;
	extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	require(extension && X509_add_ext(x509, extension, -1), value);
	X509_EXTENSION_free(extension);
}

static void add_unknown(X509 *x509, const char *value)
{
	static int nid;

	if (!nid)
		nid = OBJ_create("1.2.3.4", "unknown", "unknown");
	if (value) {
		bool critical = !strncmp(value, "critical", 8);
		ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
		X509_EXTENSION *extension;

		ASN1_OCTET_STRING_set(octets, (const u8 *)"\x05", 2);
		extension = X509_EXTENSION_create_by_NID(NULL, nid, critical, octets);
		require(extension && X509_add_ext(x509, extension, -1), "unknown extension");
		X509_EXTENSION_free(extension);
		ASN1_OCTET_STRING_free(octets);
	}
}

struct test_certificate *certificate_make(const struct certificate_order *order,
					  const struct test_certificate *issuer)
{
	static long serial = 0x80;
	struct test_certificate *made = calloc(1, sizeof(*made));
	const struct test_certificate *signer = issuer ? issuer : made;
	X509 *x509 = X509_new();
	const EVP_MD *md = EVP_get_digestbyname(order->digest ? order->digest : "SHA256");
	int len;

	require(made && x509 && md, "allocation");
	made->key = make_key(order->key ? order->key : "P-256");
	made->x509 = x509;
	X509_set_version(x509, order->version_1 ? 0 : 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
	ASN1_TIME_set(X509_getm_notBefore(x509),
		      order->not_before ? order->not_before : FIXTURE_NOW - 3600);
	ASN1_TIME_set(X509_getm_notAfter(x509),
		      order->not_after ? order->not_after : FIXTURE_NOW + 3600);
	X509_set_pubkey(x509, made->key);
	if (order->subject)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
					   (const u8 *)order->subject, -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(signer->x509));
	add_extension(x509, NID_basic_constraints, order->basic_constraints);
	add_extension(x509, NID_key_usage, order->key_usage);
	add_extension(x509, NID_ext_key_usage, order->eku);
	add_extension(x509, NID_subject_alt_name, order->san);
	add_extension(x509, NID_name_constraints, order->name_constraints);
	add_unknown(x509, order->unknown);
	if (order->unknown_twice)
		add_unknown(x509, order->unknown);
	if (EVP_PKEY_is_a(signer->key, "ED25519"))
		md = NULL;
	require(X509_sign(x509, signer->key, md), "X509_sign");
	len = i2d_X509(x509, &made->der);
	require(len > 0, "i2d_X509");
	made->len = (size_t)len;
	return made;
}

void certificate_free(struct test_certificate *certificate)
{
	OPENSSL_free(certificate->der);
	X509_free(certificate->x509);
	EVP_PKEY_free(certificate->key);
	free(certificate);
}

struct signet_bytes certificate_der(const struct test_certificate *certificate)
{
	return (struct signet_bytes){ certificate->der, certificate->len };
}
