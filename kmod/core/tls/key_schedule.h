/* SPDX-License-Identifier: GPL-2.0 */
/* The TLS 1.3 key schedule without PSK (RFC 8446, 7.1), for the SHA-256 cipher suites. */
#ifndef SIGNET_CORE_KEY_SCHEDULE_H
#define SIGNET_CORE_KEY_SCHEDULE_H

#include "core/tls/tls.h"

/* The early, handshake or master secret, by how far the schedule is. The owner wipes it. */
struct signet_key_schedule {
	u8 secret[SIGNET_SHA256_SIZE];
};

/* Becomes the early secret. */
void signet_key_schedule_start(struct signet_key_schedule *schedule);
/* From early to handshake secret by the (EC)DHE @shared secret. */
void signet_key_schedule_handshake(struct signet_key_schedule *schedule, const u8 *shared,
				   size_t shared_len);
/* From handshake to master secret. */
void signet_key_schedule_master(struct signet_key_schedule *schedule);

/* Derive-Secret, with the hash of the transcript. */
void signet_key_schedule_derive(const struct signet_key_schedule *schedule, const char *label,
				const u8 transcript[SIGNET_SHA256_SIZE],
				u8 out[SIGNET_SHA256_SIZE]);

size_t signet_cipher_key_size(enum signet_cipher cipher);

/* Traffic keys of a traffic secret (RFC 8446, 7.3); the sequence starts at 0. */
void signet_traffic_keys(const u8 secret[SIGNET_SHA256_SIZE], enum signet_cipher cipher,
			 struct signet_tls_keys *keys);

/* verify_data of Finished (RFC 8446, 4.4.4) from a handshake traffic secret. */
void signet_finished_mac(const u8 secret[SIGNET_SHA256_SIZE],
			 const u8 transcript[SIGNET_SHA256_SIZE], u8 out[SIGNET_SHA256_SIZE]);

#endif
