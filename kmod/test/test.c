// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long passed;
static unsigned long failed;

bool test_check(bool condition, const char *file, int line, const char *format, ...)
{
	va_list args;

	if (condition) {
		passed++;
		return true;
	}
	failed++;
	printf("%s:%d: failed: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return false;
}

int test_end(const char *name)
{
	printf("%s: %lu passed, %lu failed\n", name, passed, failed);
	return failed || !passed;
}

size_t test_hex(const char *hex, u8 *out, size_t size)
{
	size_t len = 0;
	int high = -1;

	for (; *hex; hex++) {
		int digit;

		if (*hex >= '0' && *hex <= '9')
			digit = *hex - '0';
		else if (*hex >= 'a' && *hex <= 'f')
			digit = *hex - 'a' + 10;
		else if (*hex >= 'A' && *hex <= 'F')
			digit = *hex - 'A' + 10;
		else
			continue;
		if (high < 0) {
			high = digit;
			continue;
		}
		if (len == size)
			abort();
		out[len++] = (u8)(high << 4 | digit);
		high = -1;
	}
	if (high >= 0)
		abort();
	return len;
}
