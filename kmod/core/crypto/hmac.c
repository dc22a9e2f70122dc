// SPDX-License-Identifier: GPL-2.0
/* HMAC-SHA-256 (RFC 2104). */
#include "core/crypto/crypto.h"

#define HASH_BLOCK_SIZE 64

void signet_hmac_sha256(const u8 *key, size_t key_len, const u8 *data, size_t len,
			u8 out[SIGNET_SHA256_SIZE])
{
	struct signet_sha256 ctx;
	u8 block[HASH_BLOCK_SIZE] = {};
	u8 inner[SIGNET_SHA256_SIZE];
	size_t i;

	if (key_len > HASH_BLOCK_SIZE) {
		signet_sha256_init(&ctx);
		signet_sha256_update(&ctx, key, key_len);
		signet_sha256_final(&ctx, block);
	} else if (key_len) {
		memcpy(block, key, key_len);
	}

	for (i = 0; i < HASH_BLOCK_SIZE; i++)
		block[i] ^= 0x36;
	signet_sha256_init(&ctx);
	signet_sha256_update(&ctx, block, HASH_BLOCK_SIZE);
	signet_sha256_update(&ctx, data, len);
	signet_sha256_final(&ctx, inner);

	for (i = 0; i < HASH_BLOCK_SIZE; i++)
		block[i] ^= 0x36 ^ 0x5c;
	signet_sha256_init(&ctx);
	signet_sha256_update(&ctx, block, HASH_BLOCK_SIZE);
	signet_sha256_update(&ctx, inner, sizeof(inner));
	signet_sha256_final(&ctx, out);

	signet_wipe(block, sizeof(block));
	signet_wipe(inner, sizeof(inner));
}
