/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table that grows with what is put into it, and never shrinks. Entries embed a link and
 * belong to the caller. While nothing is added, readers need no lock.
 */
#ifndef SIGNET_CORE_HASH_TABLE_H
#define SIGNET_CORE_HASH_TABLE_H

#include "core/platform.h"

struct signet_hash_link {
	struct signet_hash_link *next;
	u64 hash;
};

struct signet_hash_table {
	struct signet_hash_link **buckets; /* a power of two, or NULL while it is empty */
	size_t mask;
	size_t count;
};

/* -ENOMEM leaves the table as it was. */
int signet_hash_insert(struct signet_hash_table *table, struct signet_hash_link *link, u64 hash);
/* The first entry with @hash; go on with signet_hash_next(). Equal hashes needn't be equal keys. */
struct signet_hash_link *signet_hash_first(const struct signet_hash_table *table, u64 hash);
struct signet_hash_link *signet_hash_next(const struct signet_hash_link *link);
/* Frees the buckets, not the entries. */
void signet_hash_free(struct signet_hash_table *table);

/* @seed is chosen at random for each set of tables. */
u64 signet_hash_bytes(u64 seed, const void *data, size_t len);

#endif
