/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Revoked serial numbers and SPIFFE IDs. One owner fills a set (process context, sleeps); from
 * then on it is immutable, and readers in any context need no lock. To add to a set that is in
 * use: copy it, add to the copy, publish the copy, free the old one after a grace period.
 */
#ifndef SIGNET_CORE_REVOCATION_SET_H
#define SIGNET_CORE_REVOCATION_SET_H

#include "core/platform.h"

/* Of one set; more is refused rather than forgotten. */
#define SIGNET_REVOCATIONS_MAX 1000000

/* Either @serial or @spiffe_id, the other is NULL. */
struct signet_revocation {
	u64 id; /* chosen by the signer */
	const char *serial; /* lower-case hex of whole octets, without leading zero octets */
	const char *spiffe_id;
};

struct signet_revocations;

/* NULL without memory. */
struct signet_revocations *signet_revocations_new(void);
/* Any context that may call kvfree(). NULL is fine. */
void signet_revocations_free(struct signet_revocations *set);

/**
 * signet_revocations_copy() - a set with the same revocations, to be filled further
 * @set: immutable from now on; NULL is an empty set
 *
 * Return: NULL without memory.
 */
struct signet_revocations *signet_revocations_copy(const struct signet_revocations *set);

/**
 * signet_revocations_add() - add one; one that is there already is no error
 * @set: being filled
 * @revocation: copied
 * @why: set to what is wrong, when it isn't memory
 *
 * Return: 0, -EINVAL for what is neither a serial number nor a SPIFFE ID or both, -E2BIG above
 * SIGNET_REVOCATIONS_MAX, or -ENOMEM; after an error the set is as it was.
 */
int signet_revocations_add(struct signet_revocations *set,
			   const struct signet_revocation *revocation, const char **why);

/* @set may be NULL: empty. Spelling as in struct signet_revocation. */
bool signet_revocations_has_serial(const struct signet_revocations *set, const char *serial);
bool signet_revocations_has_spiffe_id(const struct signet_revocations *set,
				      const char *spiffe_id);

size_t signet_revocations_count(const struct signet_revocations *set);
/* The @index-th that was added; NULL beyond the last. Valid as long as @set. */
const struct signet_revocation *signet_revocations_at(const struct signet_revocations *set,
						      size_t index);

#endif
