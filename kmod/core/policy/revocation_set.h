/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Revoked serial numbers and SPIFFE IDs. A set is changed by one owner at a time (process context,
 * sleeps), while any number of readers ask it under RCU: each change holds for them at once, and
 * its cost is that of the change, however much the set has.
 */
#ifndef SIGNET_CORE_REVOCATION_SET_H
#define SIGNET_CORE_REVOCATION_SET_H

#include "core/platform.h"

/* Of one set; more is refused rather than forgotten. */
#define SIGNET_REVOCATIONS_MAX 1000000

/* Either @serial or @spiffe_id, the other is NULL. Two that differ in @id are two. */
struct signet_revocation {
	u64 id; /* chosen by the signer */
	const char *serial; /* lower-case hex of whole octets, without leading zero octets */
	const char *spiffe_id;
};

struct signet_revocations;

/* NULL without memory. */
struct signet_revocations *signet_revocations_new(void);
/* When nobody reads it any more. Any context that may call kvfree(). NULL is fine. */
void signet_revocations_free(struct signet_revocations *set);

/**
 * signet_revocation_check() - is it spelled as one?
 * @revocation: as it came
 * @why: set to what is wrong
 *
 * Return: 0, or -EINVAL for what is neither a serial number nor a SPIFFE ID, or both.
 */
int signet_revocation_check(const struct signet_revocation *revocation, const char **why);

/**
 * signet_revocations_add() - add one; one that is there already is no error
 * @set: to be changed
 * @revocation: copied
 * @why: set to what is wrong, when it isn't memory
 *
 * Return: 0, -EINVAL as signet_revocation_check(), -E2BIG above SIGNET_REVOCATIONS_MAX, or -ENOMEM;
 * after an error the set is as it was.
 */
int signet_revocations_add(struct signet_revocations *set,
			   const struct signet_revocation *revocation, const char **why);

/**
 * signet_revocations_begin() - a change begins that may take some out
 * @set: to be changed
 *
 * What is added from now on, once more or for the first time, stays whatever the change takes out.
 * The change need not come to an end.
 */
void signet_revocations_begin(struct signet_revocations *set);

/* Takes one out that is the same in all, if it is there. Needs no memory. */
void signet_revocations_remove(struct signet_revocations *set,
			       const struct signet_revocation *revocation);

/* Takes out all that weren't added since the change began. Needs no memory. */
void signet_revocations_remove_others(struct signet_revocations *set);

/* For readers. @set may be NULL: empty. Spelling as in struct signet_revocation. */
bool signet_revocations_has_serial(const struct signet_revocations *set, const char *serial);
bool signet_revocations_has_spiffe_id(const struct signet_revocations *set,
				      const char *spiffe_id);

/* For the owner. The @index-th; NULL beyond the last. Valid until the set is changed. */
size_t signet_revocations_count(const struct signet_revocations *set);
const struct signet_revocation *signet_revocations_at(const struct signet_revocations *set,
						      size_t index);

#endif
