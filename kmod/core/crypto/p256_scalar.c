// SPDX-License-Identifier: GPL-2.0
/*
 * Integers modulo the order of P-256, constant-time: Montgomery multiplication, and inversion by
 * Fermat's little theorem.
 */
#include "core/crypto/p256.h"

#ifndef __SIZEOF_INT128__
#error "needs a 64-bit machine"
#endif
#define u128 unsigned __int128

static const u64 order[4] = {
	0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000,
};

/* -1 / n modulo 2^64 */
static const u64 order_inverse = 0xccd1c8aaee00bc4f;

/* 2^512 modulo n */
static const struct signet_scalar r_squared = { {
	0x83244c95be79eea2, 0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620,
} };

/* @in + 2^256 @carry, below 2n, modulo n. */
static void subtract_once(u64 out[4], const u64 in[4], u64 carry)
{
	u64 difference[4], borrow = 0, keep;
	int i;

	for (i = 0; i < 4; i++) {
		u128 d = (u128)in[i] - order[i] - borrow;

		difference[i] = (u64)d;
		borrow = (u64)(d >> 64) & 1;
	}
	/* All ones when @in was already below n. */
	keep = 0 - (borrow & (carry ^ 1));
	for (i = 0; i < 4; i++)
		out[i] = (in[i] & keep) | (difference[i] & ~keep);
	signet_wipe(difference, sizeof(difference));
}

/* @a @b / 2^256 modulo n */
static void montgomery(u64 out[4], const u64 a[4], const u64 b[4])
{
	u64 t[6] = {};
	int i, j;

	for (i = 0; i < 4; i++) {
		u64 carry = 0, m;
		u128 p;

		for (j = 0; j < 4; j++) {
			p = (u128)a[j] * b[i] + t[j] + carry;
			t[j] = (u64)p;
			carry = (u64)(p >> 64);
		}
		p = (u128)t[4] + carry;
		t[4] = (u64)p;
		t[5] = (u64)(p >> 64);

		m = t[0] * order_inverse;
		p = (u128)m * order[0] + t[0];
		carry = (u64)(p >> 64);
		for (j = 1; j < 4; j++) {
			p = (u128)m * order[j] + t[j] + carry;
			t[j - 1] = (u64)p;
			carry = (u64)(p >> 64);
		}
		p = (u128)t[4] + carry;
		t[3] = (u64)p;
		t[4] = t[5] + (u64)(p >> 64);
	}
	subtract_once(out, t, t[4]);
	signet_wipe(t, sizeof(t));
}

static void load(u64 out[4], const u8 in[SIGNET_P256_SCALAR_SIZE])
{
	int i, j;

	for (i = 0; i < 4; i++) {
		u64 limb = 0;

		for (j = 0; j < 8; j++)
			limb = limb << 8 | in[8 * (3 - i) + j];
		out[i] = limb;
	}
}

void signet_scalar_reduce(struct signet_scalar *out, const u8 in[SIGNET_P256_SCALAR_SIZE])
{
	u64 value[4];

	load(value, in);
	subtract_once(out->limb, value, 0);
	signet_wipe(value, sizeof(value));
}

bool signet_scalar_parse(struct signet_scalar *out, const u8 in[SIGNET_P256_SCALAR_SIZE])
{
	u8 reduced[SIGNET_P256_SCALAR_SIZE];
	bool ok;

	signet_scalar_reduce(out, in);
	signet_scalar_bytes(reduced, out);
	ok = signet_equal(reduced, in, sizeof(reduced)) && !signet_scalar_zero(out);
	signet_wipe(reduced, sizeof(reduced));
	if (!ok)
		signet_wipe(out, sizeof(*out));
	return ok;
}

void signet_scalar_bytes(u8 out[SIGNET_P256_SCALAR_SIZE], const struct signet_scalar *in)
{
	int i;

	for (i = 0; i < SIGNET_P256_SCALAR_SIZE; i++)
		out[i] = (u8)(in->limb[3 - i / 8] >> (56 - 8 * (i % 8)));
}

bool signet_scalar_zero(const struct signet_scalar *a)
{
	return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

bool signet_scalar_equal(const struct signet_scalar *a, const struct signet_scalar *b)
{
	return signet_equal(a->limb, b->limb, sizeof(a->limb));
}

void signet_scalar_add(struct signet_scalar *out, const struct signet_scalar *a,
		       const struct signet_scalar *b)
{
	u64 sum[4], carry = 0;
	int i;

	for (i = 0; i < 4; i++) {
		u128 s = (u128)a->limb[i] + b->limb[i] + carry;

		sum[i] = (u64)s;
		carry = (u64)(s >> 64);
	}
	subtract_once(out->limb, sum, carry);
	signet_wipe(sum, sizeof(sum));
}

void signet_scalar_mult(struct signet_scalar *out, const struct signet_scalar *a,
			const struct signet_scalar *b)
{
	u64 product[4];

	montgomery(product, a->limb, b->limb);
	montgomery(out->limb, product, r_squared.limb);
	signet_wipe(product, sizeof(product));
}

void signet_scalar_invert(struct signet_scalar *out, const struct signet_scalar *a)
{
	static const u64 one[4] = { 1 };
	u64 base[4], power[4];
	int bit;

	montgomery(base, a->limb, r_squared.limb);
	montgomery(power, one, r_squared.limb);
	/* The exponent n - 2 is public; n is odd and above 2, so only its lowest limb differs. */
	for (bit = 255; bit >= 0; bit--) {
		u64 limb = order[bit / 64] - (bit < 64 ? 2 : 0);

		montgomery(power, power, power);
		if (limb >> (bit % 64) & 1)
			montgomery(power, power, base);
	}
	montgomery(out->limb, power, one);
	signet_wipe(base, sizeof(base));
	signet_wipe(power, sizeof(power));
}
