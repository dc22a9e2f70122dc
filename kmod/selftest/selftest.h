/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known answers for everything that differs between kernel and user space. The same code runs in
 * both: when a module built with CONFIG_SIGNET_SELFTEST is loaded, and in test/selftest_test.c.
 */
#ifndef SIGNET_SELFTEST_H
#define SIGNET_SELFTEST_H

#include "core/platform.h"

/* How many checks held and how many didn't, of all so far. */
struct signet_selftest {
	unsigned long passed;
	unsigned long failed;
};

/**
 * signet_selftest() - run every known-answer test
 * @result: filled; -ENOMEM counts as a failure
 *
 * Prints a line for each group and each failure. Takes seconds under emulation. May sleep.
 *
 * Return: true when nothing failed.
 */
bool signet_selftest(struct signet_selftest *result);

/* A vector's row by its name and number; counts @ok and prints what failed. */
void signet_selftest_check(struct signet_selftest *test, const char *group, unsigned int id,
			   bool ok);

/* The groups: wycheproof.c and ecdsa.c. */
void signet_selftest_wycheproof(struct signet_selftest *test);
void signet_selftest_ecdsa(struct signet_selftest *test);

/* Hexadecimal digits to bytes. Returns their number; at most @size are written. */
size_t signet_selftest_hex(const char *hex, u8 *out, size_t size);

#endif
