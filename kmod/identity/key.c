// SPDX-License-Identifier: GPL-2.0
#include "identity/key.h"

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/panic.h>

#include "compat.h"

static atomic_t clones = ATOMIC_INIT(0);

unsigned int signet_identity_key_machine(void)
{
	unsigned int machine = atomic_read(&clones);

	/* Before the random numbers: pairs with signet_identity_key_share(). */
	smp_rmb();
	return machine;
}

bool signet_identity_key_shared(unsigned int machine)
{
	return machine != (unsigned int)atomic_read(&clones);
}

void signet_identity_key_share(void)
{
	atomic_inc(&clones);
	/* Before any look at what uses a key: pairs with who has made or used one, and asks. */
	smp_mb__after_atomic();
}

#ifdef SIGNET_DEBUG_KEY

#include <crypto/ecdh.h>
#include <crypto/internal/ecc.h>

/* The SHA-256 of this line of text is every private key of such a build. */
static const char debug_key_seed[] = "signet: the key of a debug build, which is no secret";

int signet_identity_key_make(u8 secret[SIGNET_P256_SCALAR_SIZE],
			     u8 public[SIGNET_P256_POINT_SIZE])
{
	u64 scalar[4], point[8];
	int err;

	err = signet_hash(SIGNET_SHA256, (const u8 *)debug_key_seed, strlen(debug_key_seed),
			  secret);
	if (err)
		return err;
	signet_ecc_private(scalar, secret);
	err = ecc_make_pub_key(ECC_CURVE_NIST_P256, 4, scalar, point);
	if (err)
		return err;
	/* The point comes as big-endian bytes. */
	public[0] = 4;
	memcpy(public + 1, point, sizeof(point));
	return 0;
}

void signet_identity_key_warn(void)
{
	pr_warn("signet: DEBUG BUILD: private keys are known to everyone; never use it\n");
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
}

#else

int signet_identity_key_make(u8 secret[SIGNET_P256_SCALAR_SIZE],
			     u8 public[SIGNET_P256_POINT_SIZE])
{
	return signet_p256_keypair(secret, public);
}

void signet_identity_key_warn(void)
{
}

#endif
