/* SPDX-License-Identifier: GPL-2.0 */
/* Ephemeral key exchange by named group (RFC 8446, 4.2.8). */
#ifndef SIGNET_CORE_KEY_SHARE_H
#define SIGNET_CORE_KEY_SHARE_H

#include "core/crypto/crypto.h"

#define SIGNET_SHARED_SECRET_SIZE 32 /* of both groups */

/* Our half. The owner wipes it. */
struct signet_key_share {
	u16 group; /* 0: none */
	u8 secret[SIGNET_P256_SCALAR_SIZE];
	u8 public[SIGNET_P256_POINT_SIZE];
};

/* The length of a public value; 0 for a group that isn't ours. */
size_t signet_group_public_size(u16 group);

/* 0 or a negative errno. */
int signet_key_share_make(struct signet_key_share *share, u16 group);

/* -EINVAL when the peer's value is none of the group, else 0 or another negative errno. */
int signet_key_share_agree(const struct signet_key_share *share, const u8 *peer, size_t peer_len,
			   u8 shared[SIGNET_SHARED_SECRET_SIZE]);

#endif
