// SPDX-License-Identifier: GPL-2.0
/* Revoked serial numbers and SPIFFE IDs: what is added is found, and nothing else. */
#include "core/policy/revocation_set.h"
#include "platform_user.h"
#include "test.h"

#include <stdio.h>

#define WEB "spiffe://demo.test/web"
#define CLIENT "spiffe://demo.test/client"

static int revoke(struct signet_revocations *set, const char *serial, const char *id)
{
	struct signet_revocation r = { 1, serial, id };
	const char *why = NULL;
	int ret = signet_revocations_add(set, &r, &why);

	CHECK(!ret || ret == -ENOMEM ? !why : why != NULL, "%d: %s", ret, why ? why : "no words");
	return ret;
}

static void revocations(void)
{
	static const char *const bad[] = {
		"", "0", "0A", "00ff", "zz", "ab:cd", "abc",
		"010203040506070809101112131415161718192021", /* 21 octets */
	};
	struct signet_revocations *set = signet_revocations_new(), *copy;
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

	copy = signet_revocations_copy(set);
	CHECK(copy && !revoke(copy, NULL, CLIENT), "copy");
	CHECK(signet_revocations_has_serial(copy, "0a") &&
	      signet_revocations_has_spiffe_id(copy, CLIENT) &&
	      !signet_revocations_has_spiffe_id(set, CLIENT), "the copy is apart");
	CHECK(signet_revocations_at(copy, 2) &&
	      !strcmp(signet_revocations_at(copy, 2)->spiffe_id, CLIENT) &&
	      !signet_revocations_at(copy, 3), "dump");
	signet_revocations_free(copy);

	for (unsigned int i = 0; i < 10000; i++) {
		snprintf(serial, sizeof(serial), "%08x", 0x10000000 + i);
		if (revoke(set, serial, NULL))
			CHECK(false, "serial %s", serial);
	}
	CHECK(signet_revocations_count(set) == 10002 &&
	      signet_revocations_has_serial(set, "1000270f") &&
	      !signet_revocations_has_serial(set, "10002710"), "many");
	signet_revocations_free(set);

	for (size_t nth = 1; nth <= 8; nth++) {
		int ret = 0;

		set = signet_revocations_new();
		signet_fail_allocation(nth);
		for (unsigned int i = 0; i < 20 && !ret; i++) {
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
	return test_end("revocation_set");
}
