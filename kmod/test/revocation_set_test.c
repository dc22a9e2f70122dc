// SPDX-License-Identifier: GPL-2.0
/* Revoked serial numbers and SPIFFE IDs: what is added is found, and nothing else. */
#include "core/policy/revocation_set.h"
#include "platform_user.h"
#include "test.h"

#include <stdio.h>

#define WEB "spiffe://demo.test/web"

static int revoke_as(struct signet_revocations *set, u64 id, const char *serial, const char *name)
{
	struct signet_revocation r = { id, serial, name };
	const char *why = NULL;
	int ret = signet_revocations_add(set, &r, &why);

	CHECK(!ret || ret == -ENOMEM ? !why : why != NULL, "%d: %s", ret, why ? why : "no words");
	return ret;
}

static int revoke(struct signet_revocations *set, const char *serial, const char *name)
{
	return revoke_as(set, 1, serial, name);
}

static void lift(struct signet_revocations *set, u64 id, const char *serial, const char *name)
{
	signet_revocations_remove(set, &(struct signet_revocation){ id, serial, name });
}

static void removal(void)
{
	struct signet_revocations *set = signet_revocations_new();
	char serial[16];

	lift(set, 1, "0a", NULL);
	CHECK(!revoke_as(set, 1, NULL, WEB) && !revoke_as(set, 2, NULL, WEB) &&
	      !revoke_as(set, 1, "0a", NULL) && signet_revocations_count(set) == 3, "add");
	lift(set, 1, "0a", NULL);
	CHECK(signet_revocations_has_serial(set, "0a"), "what this change added stays");
	signet_revocations_begin(set);
	lift(set, 3, NULL, WEB);
	lift(set, 2, "0a", NULL);
	CHECK(signet_revocations_count(set) == 3, "all of it must be the same");
	lift(set, 1, NULL, WEB);
	CHECK(signet_revocations_has_spiffe_id(set, WEB), "banned twice, and lifted once");
	lift(set, 2, NULL, WEB);
	CHECK(!signet_revocations_has_spiffe_id(set, WEB) &&
	      signet_revocations_has_serial(set, "0a") && signet_revocations_count(set) == 1 &&
	      signet_revocations_at(set, 0)->serial, "lifted");

	for (unsigned int i = 0; i < 1000; i++) {
		signet_revocations_begin(set);
		snprintf(serial, sizeof(serial), "%08x", 0x10000000 + i);
		revoke(set, serial, NULL);
		if (i >= 500) {
			snprintf(serial, sizeof(serial), "%08x", 0x10000000 + i - 500);
			lift(set, 1, serial, NULL);
		}
	}
	CHECK(signet_revocations_count(set) == 501 &&
	      !signet_revocations_has_serial(set, "100001f3") &&
	      signet_revocations_has_serial(set, "100001f4") &&
	      signet_revocations_has_serial(set, "100003e7"), "while it grows");
	signet_revocations_free(set);
}

static void replacement(void)
{
	struct signet_revocations *set = signet_revocations_new();

	revoke_as(set, 1, "0a", NULL);
	revoke_as(set, 2, "0b", NULL);
	signet_revocations_begin(set);
	revoke_as(set, 3, "0c", NULL);
	CHECK(signet_revocations_has_serial(set, "0a"), "it holds meanwhile");
	signet_revocations_begin(set);
	revoke_as(set, 2, "0b", NULL);
	revoke_as(set, 4, "0d", NULL);
	revoke_as(set, 1, NULL, WEB);
	signet_revocations_remove_others(set);
	CHECK(signet_revocations_count(set) == 3 && signet_revocations_has_serial(set, "0b") &&
	      signet_revocations_has_serial(set, "0d") &&
	      signet_revocations_has_spiffe_id(set, WEB), "what was named stays");
	CHECK(!signet_revocations_has_serial(set, "0a") &&
	      !signet_revocations_has_serial(set, "0c"), "and nothing else");
	signet_revocations_free(set);
}

static void revocations(void)
{
	static const char *const bad[] = {
		"", "0", "0A", "00ff", "zz", "ab:cd", "abc",
		"010203040506070809101112131415161718192021", /* 21 octets */
	};
	struct signet_revocations *set = signet_revocations_new();
	char serial[16];

	CHECK(!signet_revocations_has_serial(NULL, "0a") && !signet_revocations_count(NULL), "none");
	CHECK(!revoke(set, "0a", NULL) && !revoke(set, NULL, WEB), "add");
	CHECK(signet_revocations_has_serial(set, "0a"), "serial");
	CHECK(!signet_revocations_has_serial(set, "0b") && !signet_revocations_has_serial(set, WEB),
	      "no other");
	CHECK(signet_revocations_has_spiffe_id(set, WEB), "SPIFFE ID");
	CHECK(!signet_revocations_has_spiffe_id(set, WEB "/x") &&
	      !signet_revocations_has_spiffe_id(set, "0a"), "no other");
	CHECK(!revoke(set, "0a", NULL) && signet_revocations_count(set) == 2, "twice is once");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(revoke(set, bad[i], NULL) == -EINVAL, "serial %s", bad[i]);
	CHECK(revoke(set, NULL, "demo.test/x") == -EINVAL && revoke(set, NULL, NULL) == -EINVAL &&
	      revoke(set, "0a", WEB) == -EINVAL, "neither, none, both");

	CHECK(signet_revocations_at(set, 1) &&
	      !strcmp(signet_revocations_at(set, 1)->spiffe_id, WEB) &&
	      !signet_revocations_at(set, 2), "dump");

	for (unsigned int i = 0; i < 10000; i++) {
		snprintf(serial, sizeof(serial), "%08x", 0x10000000 + i);
		if (revoke(set, serial, NULL))
			CHECK(false, "serial %s", serial);
	}
	CHECK(signet_revocations_count(set) == 10002 &&
	      signet_revocations_has_serial(set, "1000270f") &&
	      !signet_revocations_has_serial(set, "10002710"), "many");
	signet_revocations_free(set);

	for (size_t nth = 1; nth <= 150; nth++) {
		int ret = 0;

		set = signet_revocations_new();
		signet_fail_allocation(nth);
		for (unsigned int i = 0; i < 200 && !ret; i++) {
			snprintf(serial, sizeof(serial), "%08x", 0x10000000 + i);
			ret = revoke(set, serial, NULL);
			CHECK(signet_revocations_has_serial(set, serial) == !ret, "%zu", nth);
		}
		signet_fail_allocation(0);
		CHECK(ret == -ENOMEM, "allocation %zu failed", nth);
		signet_revocations_free(set);
	}
	CHECK(!signet_allocations_live(), "nothing is left allocated");
}

int main(void)
{
	revocations();
	removal();
	replacement();
	return test_end("revocation_set");
}
