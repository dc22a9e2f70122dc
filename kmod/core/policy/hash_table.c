// SPDX-License-Identifier: GPL-2.0
/* Hash tables with chains, rehashed so that there are at least as many buckets as entries. */
#include "core/policy/hash_table.h"

#define BUCKETS_MIN 16

static int grow(struct signet_hash_table *table)
{
	size_t size = table->buckets ? 2 * (table->mask + 1) : BUCKETS_MIN, i;
	struct signet_hash_link **buckets = signet_alloc_array(size, sizeof(*buckets));
	struct signet_hash_link *link, *next;

	if (!buckets)
		return -ENOMEM;
	for (i = 0; table->buckets && i <= table->mask; i++)
		for (link = table->buckets[i]; link; link = next) {
			next = link->next;
			link->next = buckets[link->hash & (size - 1)];
			buckets[link->hash & (size - 1)] = link;
		}
	signet_free_array(table->buckets);
	table->buckets = buckets;
	table->mask = size - 1;
	return 0;
}

int signet_hash_insert(struct signet_hash_table *table, struct signet_hash_link *link, u64 hash)
{
	struct signet_hash_link **bucket;

	if (!table->buckets || table->count > table->mask) {
		int ret = grow(table);

		if (ret)
			return ret;
	}
	bucket = &table->buckets[hash & table->mask];
	link->hash = hash;
	link->next = *bucket;
	*bucket = link;
	table->count++;
	return 0;
}

static struct signet_hash_link *find(struct signet_hash_link *link, u64 hash)
{
	while (link && link->hash != hash)
		link = link->next;
	return link;
}

struct signet_hash_link *signet_hash_first(const struct signet_hash_table *table, u64 hash)
{
	return table->buckets ? find(table->buckets[hash & table->mask], hash) : NULL;
}

struct signet_hash_link *signet_hash_next(const struct signet_hash_link *link)
{
	return find(link->next, link->hash);
}

void signet_hash_free(struct signet_hash_table *table)
{
	signet_free_array(table->buckets);
	memset(table, 0, sizeof(*table));
}

/* FNV-1a, then mixed so that every bit of it matters to the lowest. */
u64 signet_hash_bytes(u64 seed, const void *data, size_t len)
{
	const u8 *at = data;
	u64 hash = seed ^ 0xcbf29ce484222325;

	while (len--)
		hash = (hash ^ *at++) * 0x100000001b3;
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
	return hash ^ hash >> 33;
}
