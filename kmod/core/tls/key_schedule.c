// SPDX-License-Identifier: GPL-2.0
#include "core/crypto/hkdf.h"
#include "core/tls/key_schedule.h"

static const u8 zeros[SIGNET_SHA256_SIZE];

void signet_key_schedule_start(struct signet_key_schedule *schedule)
{
	signet_hkdf_extract(zeros, zeros, sizeof(zeros), schedule->secret);
}

/* The salt of the next stage: Derive-Secret(secret, "derived", ""). */
static void derive_salt(struct signet_key_schedule *schedule)
{
	struct signet_sha256 ctx;
	u8 empty[SIGNET_SHA256_SIZE];

	signet_sha256_init(&ctx);
	signet_sha256_final(&ctx, empty);
	signet_key_schedule_derive(schedule, "derived", empty, schedule->secret);
}

void signet_key_schedule_handshake(struct signet_key_schedule *schedule, const u8 *shared,
				   size_t shared_len)
{
	derive_salt(schedule);
	signet_hkdf_extract(schedule->secret, shared, shared_len, schedule->secret);
}

void signet_key_schedule_master(struct signet_key_schedule *schedule)
{
	derive_salt(schedule);
	signet_hkdf_extract(schedule->secret, zeros, sizeof(zeros), schedule->secret);
}

void signet_key_schedule_derive(const struct signet_key_schedule *schedule, const char *label,
				const u8 transcript[SIGNET_SHA256_SIZE],
				u8 out[SIGNET_SHA256_SIZE])
{
	signet_hkdf_expand_label(schedule->secret, label, transcript, SIGNET_SHA256_SIZE, out,
				 SIGNET_SHA256_SIZE);
}

size_t signet_cipher_key_size(enum signet_cipher cipher)
{
	return cipher == SIGNET_CHACHA20_POLY1305_SHA256 ? 32 : 16;
}

void signet_traffic_keys(const u8 secret[SIGNET_SHA256_SIZE], enum signet_cipher cipher,
			 struct signet_tls_keys *keys)
{
	memset(keys, 0, sizeof(*keys));
	signet_hkdf_expand_label(secret, "key", NULL, 0, keys->key,
				 signet_cipher_key_size(cipher));
	signet_hkdf_expand_label(secret, "iv", NULL, 0, keys->iv, sizeof(keys->iv));
}

void signet_finished_mac(const u8 secret[SIGNET_SHA256_SIZE],
			 const u8 transcript[SIGNET_SHA256_SIZE], u8 out[SIGNET_SHA256_SIZE])
{
	u8 key[SIGNET_SHA256_SIZE];

	signet_hkdf_expand_label(secret, "finished", NULL, 0, key, sizeof(key));
	signet_hmac_sha256(key, sizeof(key), transcript, SIGNET_SHA256_SIZE, out);
	signet_wipe(key, sizeof(key));
}
