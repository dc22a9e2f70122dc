// SPDX-License-Identifier: GPL-2.0
/*
 * Revoked serial numbers and SPIFFE IDs, found by hash. An item is linked in twice: while the table
 * grows, readers are in the old one, and the new one is made of the links that the old one hasn't.
 */
#include "core/policy/revocation_set.h"

#include "core/policy/hash_table.h"
#include "core/x509/x509.h"

#define ITEMS_MIN 64
#define BUCKETS_MIN 256

/* Kinds of text, hashed apart. */
enum kind {
	SERIAL = 1,
	SPIFFE_ID = 2,
};

struct item {
	struct item *next[2];
	u64 hash;
	size_t index;
	u64 change; /* in which it was added, or added once more */
	enum kind kind;
	struct signet_revocation revocation;
	struct signet_unfollowed unfollowed;
	char text[];
};

struct buckets {
	size_t mask;
	unsigned int links; /* which @next of an item */
	struct item *first[];
};

/* Readers follow @buckets; the rest is the owner's. */
struct signet_revocations {
	u64 seed;
	struct buckets *buckets;
	struct item **items;
	size_t room;
	size_t count;
	u64 change;
};

static u64 hash_text(const struct signet_revocations *set, enum kind kind, const char *text)
{
	return signet_hash_bytes(set->seed + kind, text, strlen(text));
}

static bool has(const struct signet_revocations *set, enum kind kind, const char *text)
{
	const struct buckets *buckets;
	const struct item *item;
	u64 hash;

	buckets = set ? signet_follow(set->buckets) : NULL;
	if (!buckets)
		return false;
	hash = hash_text(set, kind, text);
	for (item = signet_follow(buckets->first[hash & buckets->mask]); item;
	     item = signet_follow(item->next[buckets->links]))
		if (item->hash == hash && item->kind == kind && !strcmp(item->text, text))
			return true;
	return false;
}

/* Spelled in the one way that lookups spell it: another would never be found. */
static bool serial_valid(const char *serial)
{
	size_t len = strlen(serial), i;

	if (!len || len % 2 || len > 2 * SIGNET_SERIAL_MAX || !memcmp(serial, "00", 2))
		return false;
	for (i = 0; i < len; i++)
		if (!(serial[i] >= '0' && serial[i] <= '9') &&
		    !(serial[i] >= 'a' && serial[i] <= 'f'))
			return false;
	return true;
}

int signet_revocation_check(const struct signet_revocation *revocation, const char **why)
{
	const char *serial = revocation->serial, *id = revocation->spiffe_id;
	size_t path;

	if (!serial == !id) {
		*why = "a revocation names either a serial number or a SPIFFE ID";
		return -EINVAL;
	}
	if (serial ? !serial_valid(serial) : !signet_spiffe_id_valid(id, strlen(id), &path)) {
		*why = "this is neither a serial number nor a SPIFFE ID";
		return -EINVAL;
	}
	return 0;
}

static enum kind kind_of(const struct signet_revocation *revocation)
{
	return revocation->serial ? SERIAL : SPIFFE_ID;
}

static const char *text_of(const struct signet_revocation *revocation)
{
	return revocation->serial ? revocation->serial : revocation->spiffe_id;
}

/* Where the pointer to @revocation is; or the end of its chain. NULL while there are no chains. */
static struct item **find(struct signet_revocations *set,
			  const struct signet_revocation *revocation)
{
	enum kind kind = kind_of(revocation);
	const char *text = text_of(revocation);
	struct item **at, *item;
	u64 hash;

	if (!set->buckets)
		return NULL;
	hash = hash_text(set, kind, text);
	at = &set->buckets->first[hash & set->buckets->mask];
	while ((item = *at)) {
		if (item->hash == hash && item->kind == kind &&
		    item->revocation.id == revocation->id && !strcmp(item->text, text))
			break;
		at = &item->next[set->buckets->links];
	}
	return at;
}

static void link_item(struct buckets *buckets, struct item *item)
{
	struct item **first = &buckets->first[item->hash & buckets->mask];

	item->next[buckets->links] = *first;
	signet_publish(*first, item);
}

static int grow(struct signet_revocations *set)
{
	size_t size = set->buckets ? 2 * (set->buckets->mask + 1) : BUCKETS_MIN, i;
	struct buckets *buckets, *old = set->buckets;

	if (old && set->count <= old->mask)
		return 0;
	buckets = signet_alloc_array(1, sizeof(*buckets) + size * sizeof(buckets->first[0]));
	if (!buckets)
		return -ENOMEM;
	buckets->mask = size - 1;
	buckets->links = old ? !old->links : 0;
	for (i = 0; i < set->count; i++)
		link_item(buckets, set->items[i]);
	signet_publish(set->buckets, buckets);
	/* So that the next one may use the links of the old one. Doubling makes it rare. */
	if (old)
		signet_await_readers();
	signet_free_array(old);
	return 0;
}

static int make_room(struct signet_revocations *set)
{
	size_t room = set->room ? 2 * set->room : ITEMS_MIN;
	struct item **items;

	if (set->count < set->room)
		return 0;
	items = signet_alloc_array(room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	if (set->count)
		memcpy(items, set->items, set->count * sizeof(*items));
	signet_free_array(set->items);
	set->items = items;
	set->room = room;
	return 0;
}

struct signet_revocations *signet_revocations_new(void)
{
	struct signet_revocations *set = signet_alloc(sizeof(*set));

	if (set)
		signet_random((u8 *)&set->seed, sizeof(set->seed));
	return set;
}

void signet_revocations_free(struct signet_revocations *set)
{
	size_t i;

	if (!set)
		return;
	for (i = 0; i < set->count; i++)
		signet_free(set->items[i]);
	signet_free_array(set->items);
	signet_free_array(set->buckets);
	signet_free(set);
}

static struct item *item_new(const struct signet_revocations *set,
			     const struct signet_revocation *revocation)
{
	const char *text = text_of(revocation);
	struct item *item = signet_alloc(sizeof(*item) + strlen(text) + 1);

	if (!item)
		return NULL;
	memcpy(item->text, text, strlen(text));
	item->kind = kind_of(revocation);
	item->hash = hash_text(set, item->kind, text);
	item->change = set->change;
	item->revocation.id = revocation->id;
	item->revocation.serial = revocation->serial ? item->text : NULL;
	item->revocation.spiffe_id = revocation->serial ? NULL : item->text;
	return item;
}

int signet_revocations_add(struct signet_revocations *set,
			   const struct signet_revocation *revocation, const char **why)
{
	struct item **at, *item;
	int err;

	err = signet_revocation_check(revocation, why);
	if (err)
		return err;
	at = find(set, revocation);
	if (at && *at) {
		(*at)->change = set->change;
		return 0;
	}
	if (set->count == SIGNET_REVOCATIONS_MAX) {
		*why = "a policy has at most 1000000 revocations";
		return -E2BIG;
	}
	err = make_room(set);
	if (!err && !set->buckets)
		err = grow(set);
	if (err)
		return err;
	item = item_new(set, revocation);
	if (!item)
		return -ENOMEM;
	link_item(set->buckets, item);
	item->index = set->count;
	set->items[set->count++] = item;
	/* It holds; without memory for more buckets the chains are longer. */
	grow(set);
	return 0;
}

/* The last one takes its place in @items. */
static void take_out(struct signet_revocations *set, struct item **at)
{
	struct item *item = *at, *last = set->items[--set->count];

	signet_publish(*at, item->next[set->buckets->links]);
	set->items[item->index] = last;
	last->index = item->index;
	signet_free_unfollowed(item, unfollowed);
}

void signet_revocations_remove(struct signet_revocations *set,
			       const struct signet_revocation *revocation)
{
	struct item **at = find(set, revocation);

	if (at && *at && (*at)->change != set->change)
		take_out(set, at);
}

void signet_revocations_begin(struct signet_revocations *set)
{
	set->change++;
}

void signet_revocations_remove_others(struct signet_revocations *set)
{
	size_t i = 0;

	while (i < set->count)
		if (set->items[i]->change == set->change)
			i++;
		else
			take_out(set, find(set, &set->items[i]->revocation));
}

bool signet_revocations_has_serial(const struct signet_revocations *set, const char *serial)
{
	return has(set, SERIAL, serial);
}

bool signet_revocations_has_spiffe_id(const struct signet_revocations *set, const char *spiffe_id)
{
	return has(set, SPIFFE_ID, spiffe_id);
}

size_t signet_revocations_count(const struct signet_revocations *set)
{
	return set ? set->count : 0;
}

const struct signet_revocation *signet_revocations_at(const struct signet_revocations *set,
						      size_t index)
{
	return index < signet_revocations_count(set) ? &set->items[index]->revocation : NULL;
}
