// SPDX-License-Identifier: GPL-2.0
#include "core/crypto/hkdf.h"

void signet_hkdf_extract(const u8 salt[SIGNET_SHA256_SIZE], const u8 *ikm, size_t ikm_len,
			 u8 out[SIGNET_SHA256_SIZE])
{
	signet_hmac_sha256(salt, SIGNET_SHA256_SIZE, ikm, ikm_len, out);
}

void signet_hkdf_expand_label(const u8 secret[SIGNET_SHA256_SIZE], const char *label,
			      const u8 *context, size_t context_len, u8 *out, size_t out_len)
{
	static const char prefix[] = { 't', 'l', 's', '1', '3', ' ' };
	u8 info[2 + 1 + sizeof(prefix) + SIGNET_HKDF_LABEL_MAX + 1 + SIGNET_SHA256_SIZE + 1];
	u8 block[SIGNET_SHA256_SIZE];
	size_t label_len = strlen(label);
	size_t n = 0;

	info[n++] = out_len >> 8;
	info[n++] = out_len;
	info[n++] = sizeof(prefix) + label_len;
	memcpy(info + n, prefix, sizeof(prefix));
	n += sizeof(prefix);
	memcpy(info + n, label, label_len);
	n += label_len;
	info[n++] = context_len;
	if (context_len)
		memcpy(info + n, context, context_len);
	n += context_len;
	info[n++] = 1; /* HKDF-Expand's counter: one block is all that TLS asks for */

	signet_hmac_sha256(secret, SIGNET_SHA256_SIZE, info, n, block);
	memcpy(out, block, out_len);
	signet_wipe(block, sizeof(block));
}
