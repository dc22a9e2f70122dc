/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's side of core/crypto.h. */
#ifndef SIGNET_CRYPTO_KERNEL_H
#define SIGNET_CRYPTO_KERNEL_H

#include "core/crypto/crypto.h"

/**
 * signet_crypto_init() - hold every algorithm that the core needs
 *
 * Loads their modules now and keeps them, so that no handshake waits for modprobe or fails for
 * want of it. With CONFIG_SIGNET_SELFTEST known answers are checked too. Called when the module is
 * loaded. May sleep.
 *
 * Return: 0; -ENOENT with a line in the log that names what the kernel lacks; -ENOTRECOVERABLE with
 * a line for each known answer that is wrong.
 */
int signet_crypto_init(void);

/* Undoes signet_crypto_init(), when nothing uses the primitives any more. */
void signet_crypto_exit(void);

/* The algorithms' modules, for MODULE_SOFTDEP() in main.c. */
#define SIGNET_CRYPTO_SOFTDEP \
	"pre: gcm ctr ghash-generic chacha20poly1305 chacha_generic poly1305_generic sha512_generic"

/* For signet_verify(): is @sig of @digest (ecdsa_kernel.c, rsa_kernel.c)? */
int signet_ecdsa_verify_digest(const struct signet_public_key *key, const u8 *digest,
			       size_t digest_len, const u8 *sig, size_t sig_len);
int signet_rsa_verify_digest(const struct signet_public_key *key, enum signet_hash hash,
			     const u8 *digest, size_t digest_len, const u8 *sig, size_t sig_len);

#endif
