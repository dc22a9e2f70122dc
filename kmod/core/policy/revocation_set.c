// SPDX-License-Identifier: GPL-2.0
/* Revoked serial numbers and SPIFFE IDs, found by hash. */
#include "core/policy/hash_table.h"
#include "core/policy/revocation_set.h"
#include "core/x509/x509.h"

#define ITEMS_MIN 16

/* Kinds of text, hashed apart. */
enum kind {
	SERIAL = 1,
	SPIFFE_ID = 2,
};

struct item {
	struct signet_hash_link link; /* first */
	enum kind kind;
	struct signet_revocation revocation;
	char text[];
};

struct signet_revocations {
	u64 seed;
	struct signet_hash_table table;
	struct item **items;
	size_t room;
	size_t count;
};

static u64 hash_text(const struct signet_revocations *set, enum kind kind, const char *text)
{
	return signet_hash_bytes(set->seed + kind, text, strlen(text));
}

static bool has(const struct signet_revocations *set, enum kind kind, const char *text)
{
	struct signet_hash_link *link;

	if (!set)
		return false;
	for (link = signet_hash_first(&set->table, hash_text(set, kind, text)); link;
	     link = signet_hash_next(link)) {
		const struct item *item = (const struct item *)link;

		if (item->kind == kind && !strcmp(item->text, text))
			return true;
	}
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
	signet_hash_free(&set->table);
	signet_free(set);
}

struct signet_revocations *signet_revocations_copy(const struct signet_revocations *set)
{
	struct signet_revocations *copy = signet_revocations_new();
	const char *why;
	size_t i;

	for (i = 0; copy && set && i < set->count; i++)
		if (signet_revocations_add(copy, &set->items[i]->revocation, &why)) {
			signet_revocations_free(copy);
			return NULL;
		}
	return copy;
}

int signet_revocations_add(struct signet_revocations *set,
			   const struct signet_revocation *revocation, const char **why)
{
	const char *serial = revocation->serial, *id = revocation->spiffe_id;
	enum kind kind = serial ? SERIAL : SPIFFE_ID;
	const char *text = serial ? serial : id;
	struct item *item;
	size_t path;
	int ret;

	if (!serial == !id) {
		*why = "a revocation names either a serial number or a SPIFFE ID";
		return -EINVAL;
	}
	if (serial ? !serial_valid(serial) : !signet_spiffe_id_valid(id, strlen(id), &path)) {
		*why = "this is neither a serial number nor a SPIFFE ID";
		return -EINVAL;
	}
	if (has(set, kind, text))
		return 0;
	if (set->count == SIGNET_REVOCATIONS_MAX) {
		*why = "a policy has at most 1000000 revocations";
		return -E2BIG;
	}
	ret = make_room(set);
	if (ret)
		return ret;
	item = signet_alloc(sizeof(*item) + strlen(text) + 1);
	if (!item)
		return -ENOMEM;
	item->kind = kind;
	memcpy(item->text, text, strlen(text));
	item->revocation.id = revocation->id;
	item->revocation.serial = serial ? item->text : NULL;
	item->revocation.spiffe_id = id ? item->text : NULL;
	ret = signet_hash_insert(&set->table, &item->link, hash_text(set, kind, text));
	if (ret) {
		signet_free(item);
		return ret;
	}
	set->items[set->count++] = item;
	return 0;
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
