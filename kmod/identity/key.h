/* SPDX-License-Identifier: GPL-2.0 */
/* Where the private keys of identities come from. */
#ifndef SIGNET_IDENTITY_KEY_H
#define SIGNET_IDENTITY_KEY_H

#include "core/crypto/crypto.h"

/**
 * signet_identity_key_make - make a key
 * @secret: of the key; wiped on failure
 * @public: uncompressed point
 *
 * Sleeps. A build with SIGNET_DEBUG_KEY, for the test that searches for the key everywhere, makes
 * the same known key each time; such a build says so when it is loaded and taints the kernel.
 *
 * Return: 0 or a negative errno.
 */
int signet_identity_key_make(u8 secret[SIGNET_P256_SCALAR_SIZE],
			     u8 public[SIGNET_P256_POINT_SIZE]);

/**
 * signet_identity_key_machine - which machine a key is made on
 *
 * Ask before the key is made. A machine that was cloned is another one from then on.
 */
unsigned int signet_identity_key_machine(void);

/* Is a key of that machine not this one's alone: was it cloned since? Any context. */
bool signet_identity_key_shared(unsigned int machine);

/* The machine was cloned: whatever key there is, another has it, too. */
void signet_identity_key_share(void);

/* Warns when keys are not secret. Once, when the module is loaded. */
void signet_identity_key_warn(void);

#endif
