/* SPDX-License-Identifier: GPL-2.0 */
/* HKDF with SHA-256 (RFC 5869), with the labels of TLS 1.3 (RFC 8446, 7.1). */
#ifndef SIGNET_CORE_HKDF_H
#define SIGNET_CORE_HKDF_H

#include "core/crypto/crypto.h"

#define SIGNET_HKDF_LABEL_MAX 12 /* without "tls13 " */

/* @salt and @out may be the same. */
void signet_hkdf_extract(const u8 salt[SIGNET_SHA256_SIZE], const u8 *ikm, size_t ikm_len,
			 u8 out[SIGNET_SHA256_SIZE]);

/*
 * HKDF-Expand-Label. @label is one of ours, at most SIGNET_HKDF_LABEL_MAX long; @context at most
 * one hash long; @out_len at most one hash.
 */
void signet_hkdf_expand_label(const u8 secret[SIGNET_SHA256_SIZE], const char *label,
			      const u8 *context, size_t context_len, u8 *out, size_t out_len);

#endif
