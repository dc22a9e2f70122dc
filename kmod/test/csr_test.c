// SPDX-License-Identifier: GPL-2.0
/* Requests as OpenSSL reads them. */
#include "core/x509/x509.h"
#include "platform_user.h"
#include "test.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

static u8 secret[SIGNET_P256_SCALAR_SIZE], point[SIGNET_P256_POINT_SIZE];

static void read_back(const u8 *der, size_t len, const char *id)
{
	const u8 *at = der;
	X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)len);
	STACK_OF(X509_EXTENSION) *extensions;
	GENERAL_NAMES *names;
	const GENERAL_NAME *name;
	int critical = 0;

	if (!CHECK(request && at == der + len, "no request of %zu bytes", len))
		return;
	CHECK(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) == 1, "signature");
	CHECK(X509_NAME_entry_count(X509_REQ_get_subject_name(request)) == 0, "empty subject");
	CHECK(X509_REQ_get_version(request) == 0, "version");
	extensions = X509_REQ_get_extensions(request);
	CHECK(sk_X509_EXTENSION_num(extensions) == 1, "one extension");
	names = X509V3_get_d2i(extensions, NID_subject_alt_name, &critical, NULL);
	CHECK(critical == 1 && sk_GENERAL_NAME_num(names) == 1, "one name, critical");
	name = sk_GENERAL_NAME_value(names, 0);
	CHECK(name && name->type == GEN_URI &&
	      (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier) == strlen(id) &&
	      !memcmp(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), id, strlen(id)),
	      "the ID");
	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
}

int main(void)
{
	static const char prefix[] = "spiffe://demo.test/";
	static const char *const refused[] = {
		"", "spiffe://demo.test", "spiffe://demo.test/", "https://demo.test/a",
		"spiffe://demo.test/a,URI:spiffe://demo.test/b", "spiffe://demo.test/a b",
	};
	static const size_t lengths[] = { 1, 60, 61, 62, 90, 91, 92, 100, 180, 230, 500, 2029 };
	char id[SIGNET_SPIFFE_ID_MAX + 1];
	u8 out[4096];
	size_t len, needed;

	CHECK(!signet_p256_keypair(secret, point), "a key");
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		memcpy(id, prefix, sizeof(prefix) - 1);
		memset(id + sizeof(prefix) - 1, 'a', lengths[i]);
		id[sizeof(prefix) - 1 + lengths[i]] = '\0';
		len = sizeof(out);
		if (CHECK(!signet_csr_make(secret, point, id, out, &len), "%zu", lengths[i]))
			read_back(out, len, id);
	}
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		len = sizeof(out);
		CHECK(signet_csr_make(secret, point, refused[i], out, &len) == -EINVAL, "%s",
		      refused[i]);
	}

	/* A signature has 70 to 72 bytes, so one size more or less may do. */
	len = sizeof(out);
	CHECK(!signet_csr_make(secret, point, "spiffe://demo.test/a", out, &len), "the size");
	needed = len;
	for (size_t room = 0; room < needed - 8; room++) {
		u8 *small = malloc(room ? room : 1);

		len = room;
		CHECK(signet_csr_make(secret, point, "spiffe://demo.test/a", small, &len) == -ENOSPC,
		      "%zu bytes", room);
		free(small);
	}

	len = sizeof(out);
	signet_fail_allocation(1);
	CHECK(signet_csr_make(secret, point, "spiffe://demo.test/a", out, &len) == -ENOMEM,
	      "no memory");
	signet_fail_allocation(0);
	CHECK(!signet_allocations_live(), "nothing is left allocated");
	return test_end("csr");
}
