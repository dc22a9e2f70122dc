/* SPDX-License-Identifier: GPL-2.0 */
/* OpenSSL's randomness replaced by a counter, so that every run of an input is the same. */
#ifndef SIGNET_FUZZ_RANDOM_H
#define SIGNET_FUZZ_RANDOM_H

/* Installs it, and starts the counter again. Never for anything but fuzzing. */
void fuzz_random_reset(void);

#endif
