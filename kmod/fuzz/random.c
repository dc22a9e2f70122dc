// SPDX-License-Identifier: GPL-2.0
#define OPENSSL_SUPPRESS_DEPRECATED
#include "random.h"

#include <openssl/rand.h>
#include <stdint.h>

static uint64_t state;

/* xorshift64*: enough that keys differ. */
static int fill(unsigned char *out, int len)
{
	int i;

	for (i = 0; i < len; i++) {
		state ^= state >> 12;
		state ^= state << 25;
		state ^= state >> 27;
		out[i] = (state * 0x2545f4914f6cdd1dull) >> 56;
	}
	return 1;
}

static int ready(void)
{
	return 1;
}

void fuzz_random_reset(void)
{
	static const RAND_METHOD method = { .bytes = fill, .pseudorand = fill, .status = ready };

	state = 0x5167e7;
	RAND_set_rand_method(&method);
}
