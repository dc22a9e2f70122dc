// SPDX-License-Identifier: GPL-2.0
#include "core/tls/key_share.h"

size_t signet_group_public_size(u16 group)
{
	switch (group) {
	case SIGNET_X25519:
		return SIGNET_X25519_SIZE;
	case SIGNET_SECP256R1:
		return SIGNET_P256_POINT_SIZE;
	default:
		return 0;
	}
}

int signet_key_share_make(struct signet_key_share *share, u16 group)
{
	int err;

	switch (group) {
	case SIGNET_X25519:
		err = signet_x25519_keypair(share->secret, share->public);
		break;
	case SIGNET_SECP256R1:
		err = signet_p256_keypair(share->secret, share->public);
		break;
	default:
		err = -EINVAL;
	}
	share->group = err ? 0 : group;
	return err;
}

int signet_key_share_agree(const struct signet_key_share *share, const u8 *peer, size_t peer_len,
			   u8 shared[SIGNET_SHARED_SECRET_SIZE])
{
	size_t size = signet_group_public_size(share->group);

	if (!size || peer_len != size)
		return -EINVAL;
	if (share->group == SIGNET_X25519)
		return signet_x25519(share->secret, peer, shared);
	return signet_p256_ecdh(share->secret, peer, shared);
}
