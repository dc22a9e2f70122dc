// SPDX-License-Identifier: GPL-2.0
/* Trust bundles: what becomes a root, and when a bundle keeps what another trusts. */
#include "certificate_fixture.h"
#include "core/policy/bundle.h"
#include "platform_user.h"
#include "test.h"

#define DOMAIN "demo.test"

static struct test_certificate *first, *second, *leaf;

static int add(struct signet_bundle *bundle, const struct test_certificate *certificate,
	       const char **why)
{
	*why = NULL;
	return signet_bundle_add(bundle, certificate_der(certificate), why);
}

static void roots(void)
{
	struct signet_bundle *bundle = signet_bundle_new(DOMAIN);
	const struct signet_anchors *anchors = signet_bundle_anchors(bundle);
	const struct signet_bytes none = { (const u8 *)"no", 2 };
	const char *why;

	CHECK(!anchors->count && !strcmp(anchors->trust_domain, DOMAIN), "empty");
	CHECK(add(bundle, leaf, &why) == -EKEYREJECTED && why, "a leaf is no root");
	why = NULL;
	CHECK(signet_bundle_add(bundle, none, &why) == -EKEYREJECTED && why, "nor is anything");
	CHECK(!anchors->count, "what is refused leaves nothing");
	CHECK(!add(bundle, first, &why) && anchors->count == 1, "a root");
	CHECK(anchors->roots[0].ca && anchors->roots[0].der.len == certificate_der(first).len &&
	      anchors->roots[0].der.data != certificate_der(first).data, "is copied");
	for (size_t i = 1; i < SIGNET_ROOTS_MAX; i++)
		CHECK(!add(bundle, first, &why), "root %zu", i);
	CHECK(add(bundle, first, &why) == -E2BIG && strstr(why, "16 roots"), "one too many");
	signet_bundle_free(bundle);
	signet_bundle_free(NULL);
}

static void keeps(void)
{
	struct signet_bundle *one = signet_bundle_new(DOMAIN), *two = signet_bundle_new(DOMAIN);
	struct signet_bundle *other = signet_bundle_new("other.test");
	const char *why;

	CHECK(!add(one, first, &why) && !add(two, second, &why) && !add(two, first, &why) &&
	      !add(other, first, &why), "roots");
	CHECK(signet_bundle_keeps(two, one) && signet_bundle_keeps(one, one), "all are there");
	CHECK(!signet_bundle_keeps(one, two), "one is gone");
	CHECK(!signet_bundle_keeps(other, one), "of another trust domain");
	signet_bundle_free(one);
	signet_bundle_free(two);
	signet_bundle_free(other);
}

static void without_memory(void)
{
	struct signet_bundle *bundle;
	const char *why;

	signet_fail_allocation(1);
	CHECK(!signet_bundle_new(DOMAIN), "no bundle");
	bundle = signet_bundle_new(DOMAIN);
	signet_fail_allocation(1);
	CHECK(add(bundle, first, &why) == -ENOMEM && !why, "no root");
	signet_fail_allocation(0);
	CHECK(!signet_bundle_anchors(bundle)->count && !add(bundle, first, &why), "but the next");
	signet_bundle_free(bundle);
	CHECK(!signet_allocations_live(), "nothing is left allocated");
}

int main(void)
{
	first = certificate_make(&root_order, NULL);
	second = certificate_make(&root_order, NULL);
	leaf = certificate_make(&leaf_order, first);
	roots();
	keeps();
	without_memory();
	certificate_free(first);
	certificate_free(second);
	certificate_free(leaf);
	return test_end("bundle");
}
