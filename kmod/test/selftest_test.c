// SPDX-License-Identifier: GPL-2.0
/* The known answers that the module checks in the kernel, here against the OpenSSL backend. */
#include "selftest/selftest.h"
#include "test.h"

int main(void)
{
	struct signet_selftest result;

	CHECK(signet_selftest(&result), "a known answer is wrong");
	CHECK(result.passed > 2000, "only %lu known answers", result.passed);
	return test_end("selftest");
}
