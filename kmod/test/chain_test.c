// SPDX-License-Identifier: GPL-2.0
/* Each way in which a chain can be wrong, and that nothing but that is complained of. */
#include "certificate_fixture.h"
#include "core/x509/x509.h"
#include "platform_user.h"
#include "test.h"

#include <stdlib.h>

#define TRUST_DOMAIN "demo.test"

/* A root, what is between, and a leaf. */
struct ladder {
	const char *name;
	struct certificate_order root;
	struct certificate_order middle[2];
	size_t middle_count;
	struct certificate_order leaf;
	s64 now;
	enum signet_x509_fault expected;
};

static struct ladder sound(const char *name, enum signet_x509_fault expected)
{
	struct ladder ladder = {
		.name = name,
		.root = root_order,
		.middle = { issuer_order, issuer_order },
		.middle_count = 1,
		.leaf = leaf_order,
		.now = FIXTURE_NOW,
		.expected = expected,
	};

	return ladder;
}

static enum signet_x509_fault check(const struct signet_bytes *chain, size_t count,
				    const struct test_certificate *const *roots, size_t root_count,
				    s64 now, struct signet_certificate *leaf)
{
	struct signet_certificate parsed[4];
	struct signet_anchors anchors = { TRUST_DOMAIN, parsed, root_count };

	for (size_t i = 0; i < root_count; i++) {
		struct signet_bytes der = certificate_der(roots[i]);
		enum signet_x509_fault fault = signet_certificate_parse(&parsed[i], der.data, der.len);

		if (fault)
			return fault;
	}
	return signet_chain_check(chain, count, &anchors, now, leaf);
}

static void climb(const struct ladder *ladder)
{
	struct test_certificate *root = certificate_make(&ladder->root, NULL), *made[3];
	const struct test_certificate *issuer = root;
	struct signet_bytes chain[3];
	struct signet_certificate leaf = {};
	size_t count = ladder->middle_count;
	enum signet_x509_fault fault;

	for (size_t i = 0; i < count; i++) {
		made[i] = certificate_make(&ladder->middle[i], issuer);
		chain[count - i] = certificate_der(made[i]);
		issuer = made[i];
	}
	made[count] = certificate_make(&ladder->leaf, issuer);
	chain[0] = certificate_der(made[count]);

	fault = check(chain, count + 1, (const struct test_certificate *const *)&root, 1,
		      ladder->now, &leaf);
	CHECK(fault == ladder->expected, "%s: %s", ladder->name, signet_x509_fault_text(fault));
	if (!fault)
		CHECK(leaf.der.data == chain[0].data, "%s: the leaf is filled", ladder->name);
	for (size_t i = 0; i <= count; i++)
		certificate_free(made[i]);
	certificate_free(root);
}

#define CASE(name, expected, change)                                \
	do {                                                        \
		struct ladder l = sound(name, SIGNET_X509_##expected); \
		change;                                             \
		climb(&l);                                          \
	} while (0)

static void algorithms(void)
{
	CASE("P-256 all the way", OK, );
	CASE("P-384 root", OK, (l.root.key = "P-384", l.middle[0].digest = "SHA384"));
	CASE("P-384 root, SHA-256", OK, l.root.key = "P-384");
	CASE("P-384 issuer", OK, (l.middle[0].key = "P-384", l.leaf.digest = "SHA384"));
	CASE("P-256 with SHA-512", OK, l.leaf.digest = "SHA512");
	CASE("RSA root", OK, l.root.key = "RSA-2048");
	CASE("RSA issuer, SHA-512", OK, (l.middle[0].key = "RSA-2048", l.leaf.digest = "SHA512"));
	CASE("SHA-1 signature", UNSUPPORTED, l.leaf.digest = "SHA1");
	CASE("SHA-224 signature", UNSUPPORTED, l.leaf.digest = "SHA224");
	CASE("Ed25519 issuer", UNSUPPORTED, l.middle[0].key = "ED25519");
	CASE("P-521 leaf", UNSUPPORTED, l.leaf.key = "P-521");
	CASE("Ed25519 leaf", UNSUPPORTED, l.leaf.key = "ED25519");
	CASE("P-384 leaf", NOT_SVID, l.leaf.key = "P-384");
	CASE("RSA leaf", NOT_SVID, l.leaf.key = "RSA-2048");
}

static void leaves(void)
{
	CASE("no SAN", NOT_SVID, l.leaf.san = NULL);
	CASE("empty subject, SAN not critical", NOT_SVID,
	     l.leaf.san = "URI:spiffe://demo.test/demo/web");
	CASE("subject, SAN not critical", OK,
	     (l.leaf.subject = "x", l.leaf.san = "URI:spiffe://demo.test/demo/web"));
	CASE("two URIs", NOT_SVID,
	     l.leaf.san = "critical,URI:spiffe://demo.test/a,URI:spiffe://demo.test/b");
	CASE("the same URI twice", NOT_SVID,
	     l.leaf.san = "critical,URI:spiffe://demo.test/a,URI:spiffe://demo.test/a");
	CASE("URI and DNS name", NOT_SVID,
	     l.leaf.san = "critical,URI:spiffe://demo.test/a,DNS:demo.test");
	CASE("DNS name", NOT_SVID, l.leaf.san = "critical,DNS:demo.test");
	CASE("URI and address", NOT_SVID,
	     l.leaf.san = "critical,URI:spiffe://demo.test/a,IP:10.0.0.1");
	CASE("not a SPIFFE ID", BAD_ID, l.leaf.san = "critical,URI:https://demo.test/a");
	CASE("upper-case scheme", BAD_ID, l.leaf.san = "critical,URI:SPIFFE://demo.test/a");
	CASE("dot segment", BAD_ID, l.leaf.san = "critical,URI:spiffe://demo.test/a/../b");
	CASE("query", BAD_ID, l.leaf.san = "critical,URI:spiffe://demo.test/a?b");
	CASE("percent", BAD_ID, l.leaf.san = "critical,URI:spiffe://demo.test/%61");
	CASE("port", BAD_ID, l.leaf.san = "critical,URI:spiffe://demo.test:1/a");
	CASE("no path", NOT_SVID, l.leaf.san = "critical,URI:spiffe://demo.test");
	CASE("reserved", BAD_ID, l.leaf.san = "critical,URI:spiffe://demo.test/signet/signer");
	CASE("reserved root", BAD_ID, l.leaf.san = "critical,URI:spiffe://demo.test/signet");
	CASE("nearly reserved", OK, l.leaf.san = "critical,URI:spiffe://demo.test/signets");
	CASE("other domain", WRONG_DOMAIN, l.leaf.san = "critical,URI:spiffe://other.test/a");
	CASE("longer domain", WRONG_DOMAIN, l.leaf.san = "critical,URI:spiffe://demo.testing/a");
	CASE("shorter domain", WRONG_DOMAIN, l.leaf.san = "critical,URI:spiffe://demo.tes/a");
	CASE("CA leaf", NOT_SVID, l.leaf.basic_constraints = "critical,CA:TRUE");
	CASE("explicitly no CA", OK, l.leaf.basic_constraints = "critical,CA:FALSE");
	CASE("no keyUsage", NOT_SVID, l.leaf.key_usage = NULL);
	CASE("keyUsage not critical", NOT_SVID, l.leaf.key_usage = "digitalSignature");
	CASE("keyUsage with more", NOT_SVID,
	     l.leaf.key_usage = "critical,digitalSignature,keyEncipherment");
	CASE("keyCertSign", NOT_SVID, l.leaf.key_usage = "critical,digitalSignature,keyCertSign");
	CASE("keyAgreement alone", NOT_SVID, l.leaf.key_usage = "critical,keyAgreement");
	CASE("no EKU", NOT_SVID, l.leaf.eku = NULL);
	CASE("server alone", NOT_SVID, l.leaf.eku = "serverAuth");
	CASE("client alone", NOT_SVID, l.leaf.eku = "clientAuth");
	CASE("EKU with more", NOT_SVID, l.leaf.eku = "serverAuth,clientAuth,codeSigning");
	CASE("any EKU", NOT_SVID, l.leaf.eku = "anyExtendedKeyUsage");
	CASE("unknown critical", UNSUPPORTED, l.leaf.unknown = "critical");
	CASE("unknown", OK, l.leaf.unknown = "harmless");
	CASE("extension twice", MALFORMED, (l.leaf.unknown = "x", l.leaf.unknown_twice = true));
	CASE("version 1", MALFORMED,
	     l.leaf = ((struct certificate_order){ .subject = "x", .version_1 = true }));
}

static void times(void)
{
	s64 before = FIXTURE_NOW - 3600, after = FIXTURE_NOW + 3600;

	CASE("first second", OK, l.now = before);
	CASE("a second early", NOT_YET, l.now = before - 1);
	CASE("last second", OK, l.now = after);
	CASE("a second late", EXPIRED, l.now = after + 1);
	CASE("expired leaf", EXPIRED, l.leaf.not_after = FIXTURE_NOW - 1);
	CASE("leaf of tomorrow", NOT_YET, l.leaf.not_before = FIXTURE_NOW + 1);
	CASE("expired issuer", EXPIRED, l.middle[0].not_after = FIXTURE_NOW - 1);
	CASE("expired root", EXPIRED, l.root.not_after = FIXTURE_NOW - 1);
	CASE("root of tomorrow", NOT_YET, l.root.not_before = FIXTURE_NOW + 1);
	CASE("after 2050", OK, l.leaf.not_after = 2600000000);
	CASE("ends before it begins", MALFORMED,
	     (l.leaf.not_before = FIXTURE_NOW + 9, l.leaf.not_after = FIXTURE_NOW + 8));
}

static void issuers(void)
{
	CASE("root alone", OK, l.middle_count = 0);
	CASE("issuer is no CA", NOT_CA, l.middle[0].basic_constraints = "critical,CA:FALSE");
	CASE("issuer without basicConstraints", NOT_CA, l.middle[0].basic_constraints = NULL);
	CASE("issuer may not sign", NOT_CA, l.middle[0].key_usage = "critical,cRLSign");
	CASE("issuer without keyUsage", NOT_CA, l.middle[0].key_usage = NULL);
	CASE("issuer for mail", NOT_CA, l.middle[0].eku = "emailProtection");
	CASE("issuer for servers alone", NOT_CA, l.middle[0].eku = "serverAuth");
	CASE("issuer for both", OK, l.middle[0].eku = "serverAuth,clientAuth");
	CASE("issuer for anything", OK, l.middle[0].eku = "anyExtendedKeyUsage");
	CASE("issuer unknown critical", UNSUPPORTED, l.middle[0].unknown = "critical");
	CASE("root is no CA", NOT_CA, l.root.basic_constraints = "critical,CA:FALSE");
	CASE("root may not sign", NOT_CA, l.root.key_usage = "critical,digitalSignature");
	CASE("issuer with the domain", OK, l.middle[0].san = "URI:spiffe://demo.test");
	CASE("issuer with a path", BAD_ID, l.middle[0].san = "URI:spiffe://demo.test/ca");
	CASE("issuer of another domain", WRONG_DOMAIN, l.middle[0].san = "URI:spiffe://other.test");
	CASE("root path length 0", PATH_LENGTH,
	     l.root.basic_constraints = "critical,CA:TRUE,pathlen:0");
	CASE("root path length 1", OK, l.root.basic_constraints = "critical,CA:TRUE,pathlen:1");
	CASE("two issuers", OK,
	     (l.middle_count = 2, l.middle[0] = root_order, l.middle[0].subject = "Middle"));
	CASE("two issuers, the upper may have none below", PATH_LENGTH,
	     (l.middle_count = 2, l.middle[0].subject = "Middle"));
	CASE("two issuers, root path length 1", PATH_LENGTH,
	     (l.middle_count = 2, l.middle[0] = root_order, l.middle[0].subject = "Middle",
	      l.root.basic_constraints = "critical,CA:TRUE,pathlen:1"));
}

static void name_constraints(void)
{
#define CONSTRAINED(name, expected, constraints) \
	CASE(name, expected, l.middle[0].name_constraints = constraints)
	CONSTRAINED("its own domain", OK, "critical,permitted;URI:demo.test");
	CONSTRAINED("its own domain, not critical", OK, "permitted;URI:demo.test");
	CONSTRAINED("case does not matter", OK, "critical,permitted;URI:Demo.TEST");
	CONSTRAINED("another domain", NAME_CONSTRAINTS, "critical,permitted;URI:other.test");
	CONSTRAINED("one of two", OK, "critical,permitted;URI:other.test,permitted;URI:demo.test");
	CONSTRAINED("below its parent", OK, "critical,permitted;URI:.test");
	CONSTRAINED("below itself", NAME_CONSTRAINTS, "critical,permitted;URI:.demo.test");
	CONSTRAINED("its parent is not it", NAME_CONSTRAINTS, "critical,permitted;URI:test");
	CONSTRAINED("excluded", NAME_CONSTRAINTS, "critical,excluded;URI:demo.test");
	CONSTRAINED("parent excluded", NAME_CONSTRAINTS, "critical,excluded;URI:.test");
	CONSTRAINED("another excluded", OK, "critical,excluded;URI:other.test");
	CONSTRAINED("permitted and excluded", NAME_CONSTRAINTS,
		    "critical,permitted;URI:demo.test,excluded;URI:demo.test");
	CONSTRAINED("DNS names, of which it has none", OK, "critical,permitted;DNS:other.test");
	CASE("of the root", NAME_CONSTRAINTS,
	     l.root.name_constraints = "critical,permitted;URI:other.test");
	CASE("on a leaf", UNSUPPORTED, l.leaf.name_constraints = "critical,permitted;URI:demo.test");
}

/* Chains that are no ladder. */
static void shapes(void)
{
	struct certificate_order other_root = root_order;
	struct test_certificate *root = certificate_make(&root_order, NULL);
	struct test_certificate *twin = certificate_make(&root_order, NULL);
	struct test_certificate *other, *issuer, *leaf, *stranger;
	const struct test_certificate *both[2] = { twin, root };
	const struct test_certificate *only_other[1], *only_root[1] = { root };
	struct signet_certificate out;
	struct signet_bytes chain[6];
	enum signet_x509_fault fault;

	other_root.subject = "Other";
	other = certificate_make(&other_root, NULL);
	only_other[0] = other;
	issuer = certificate_make(&issuer_order, root);
	stranger = certificate_make(&issuer_order, twin);
	leaf = certificate_make(&leaf_order, issuer);
	chain[0] = certificate_der(leaf);
	chain[1] = certificate_der(issuer);

	fault = check(chain, 2, only_other, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_UNKNOWN_ISSUER, "another root");
	fault = check(chain, 2, both, 0, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_UNKNOWN_ISSUER, "no root at all");
	fault = check(chain, 2, (const struct test_certificate *const *)&twin, 1, FIXTURE_NOW,
		      &out);
	CHECK(fault == SIGNET_X509_BAD_SIGNATURE, "a root of the same name");
	fault = check(chain, 2, both, 2, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_OK, "the second of two roots of one name");
	fault = check(chain, 1, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_UNKNOWN_ISSUER, "the issuer is missing");
	fault = check(chain, 0, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_MALFORMED, "nothing");

	chain[2] = certificate_der(root);
	fault = check(chain, 3, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_OK, "the root is at the end");
	chain[2] = certificate_der(other);
	fault = check(chain, 3, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_UNKNOWN_ISSUER, "another root at the end");
	chain[1] = certificate_der(stranger);
	fault = check(chain, 2, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_BAD_SIGNATURE, "an issuer of that name from elsewhere");
	chain[0] = certificate_der(issuer);
	chain[1] = certificate_der(leaf);
	fault = check(chain, 2, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_NOT_SVID, "the wrong way round");
	for (size_t i = 0; i < ARRAY_SIZE(chain); i++)
		chain[i] = certificate_der(i ? issuer : leaf);
	fault = check(chain, SIGNET_CHAIN_MAX + 1, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_PATH_LENGTH, "too many");

	signet_fail_allocation(1);
	fault = check(chain, 2, only_root, 1, FIXTURE_NOW, &out);
	CHECK(fault == SIGNET_X509_NO_MEMORY, "no memory");
	signet_fail_allocation(0);
	CHECK(!signet_allocations_live(), "nothing is left allocated");

	certificate_free(leaf);
	certificate_free(stranger);
	certificate_free(issuer);
	certificate_free(other);
	certificate_free(twin);
	certificate_free(root);
}

/* Not one bit of a leaf can change, and not one byte can be cut off. */
static void every_bit_counts(void)
{
	struct test_certificate *root = certificate_make(&root_order, NULL);
	struct test_certificate *leaf = certificate_make(&leaf_order, root);
	const struct test_certificate *roots[1] = { root };
	struct signet_bytes chain[1] = { certificate_der(leaf) };
	size_t len = chain[0].len, accepted = 0;
	struct signet_certificate out;
	u8 *copy;

	for (size_t cut = 0; cut < len; cut++) {
		copy = malloc(cut ? cut : 1);
		memcpy(copy, certificate_der(leaf).data, cut);
		chain[0].data = copy;
		chain[0].len = cut;
		accepted += !check(chain, 1, roots, 1, FIXTURE_NOW, &out);
		free(copy);
	}
	CHECK(!accepted, "%zu truncated certificates were accepted", accepted);

	copy = malloc(len);
	memcpy(copy, certificate_der(leaf).data, len);
	chain[0].data = copy;
	chain[0].len = len;
	for (size_t bit = 0; bit < 8 * len; bit++) {
		copy[bit / 8] ^= 1 << bit % 8;
		accepted += !check(chain, 1, roots, 1, FIXTURE_NOW, &out);
		copy[bit / 8] ^= 1 << bit % 8;
	}
	CHECK(!accepted, "%zu certificates with a flipped bit were accepted", accepted);
	CHECK(!check(chain, 1, roots, 1, FIXTURE_NOW, &out), "the original is");
	free(copy);
	certificate_free(leaf);
	certificate_free(root);
}

int main(void)
{
	algorithms();
	leaves();
	times();
	issuers();
	name_constraints();
	shapes();
	every_bit_counts();
	return test_end("chain");
}
