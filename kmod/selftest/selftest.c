// SPDX-License-Identifier: GPL-2.0
#include "selftest.h"

#ifdef __KERNEL__
#include <linux/printk.h>
#define print(format, ...) pr_info(KBUILD_MODNAME ": selftest: " format, ##__VA_ARGS__)
#else
#include <stdio.h>
#define print(format, ...) printf("selftest: " format, ##__VA_ARGS__)
#endif

void signet_selftest_check(struct signet_selftest *test, const char *group, unsigned int id,
			   bool ok)
{
	if (ok) {
		test->passed++;
		return;
	}
	test->failed++;
	print("%s %u failed\n", group, id);
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

size_t signet_selftest_hex(const char *hex, u8 *out, size_t size)
{
	size_t len = 0;

	for (; hex[0] && hex[1] && len < size; hex += 2)
		out[len++] = digit(hex[0]) << 4 | digit(hex[1]);
	return len;
}

bool signet_selftest(struct signet_selftest *result)
{
	memset(result, 0, sizeof(*result));
	signet_selftest_wycheproof(result);
	signet_selftest_ecdsa(result);
	print("%lu passed, %lu failed\n", result->passed, result->failed);
	return !result->failed;
}
