/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test program is one *_test.c with a main() that makes checks and returns test_end().
 * The Makefile finds it, links it with the core, runs it and adds the figures up.
 */
#ifndef SIGNET_TEST_H
#define SIGNET_TEST_H

#include "core/platform.h"

/* Count a check; a failed one is printed with its place and the sentence, printf-like. */
#define CHECK(condition, ...) test_check(condition, __FILE__, __LINE__, __VA_ARGS__)

bool test_check(bool condition, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Prints "name: N passed, N failed" and gives the exit status. */
int test_end(const char *name);

/* Hexadecimal digits, spaces ignored, to bytes. Returns their number; aborts beyond @size. */
size_t test_hex(const char *hex, u8 *out, size_t size);

#endif
