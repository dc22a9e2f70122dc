// SPDX-License-Identifier: GPL-2.0
/* What a policy keeps of the one before it: an item is named by all that it says. */
#include "core/policy/difference.h"

#include "core/policy/hash_table.h"
#include "core/x509/x509.h"

enum kind {
	NETWORK = 1,
	EXEMPT_PORT,
	RULE,
	DESTINATION,
};

/* An item that isn't kept. */
struct left_out {
	struct signet_hash_link link; /* first */
	enum kind kind;
	const void *item;
	bool met;
};

struct difference {
	u64 seed;
	struct signet_hash_table table;
	struct left_out *all;
	size_t count;
};

static u64 hash_text(u64 seed, const char *text)
{
	return signet_hash_bytes(seed, text, strlen(text));
}

static u64 hash_range(u64 seed, const struct signet_range *range)
{
	u64 hash = signet_hash_bytes(seed, range->base.address, range->base.len);
	u16 rest[2] = { range->prefix_length, range->base.port };

	return signet_hash_bytes(hash, rest, sizeof(rest));
}

static u64 hash_rule(u64 seed, const struct signet_tables_rule *rule)
{
	u64 hash = hash_text(hash_text(seed, rule->subject), rule->policy);
	size_t i;

	for (i = 0; i < rule->from_count; i++)
		hash = hash_text(hash, rule->from[i]);
	return signet_hash_bytes(hash, rule->ports, rule->port_count * sizeof(*rule->ports));
}

static u64 hash_destination(u64 seed, const struct signet_tables_destination *destination)
{
	u64 hash = hash_text(seed, destination->name);
	size_t i;

	for (i = 0; i < destination->range_count; i++)
		hash = hash_range(hash, &destination->ranges[i]);
	for (i = 0; i < destination->identity_count; i++)
		hash = hash_text(hash, destination->identities[i]);
	return hash;
}

static u64 hash_item(u64 seed, enum kind kind, const void *item)
{
	switch (kind) {
	case NETWORK:
		return hash_range(seed + kind, item);
	case EXEMPT_PORT:
		return signet_hash_bytes(seed + kind, item, sizeof(u16));
	case RULE:
		return hash_rule(seed + kind, item);
	case DESTINATION:
		break;
	}
	return hash_destination(seed + kind, item);
}

static bool same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
	size_t i;

	if (a_count != b_count)
		return false;
	for (i = 0; i < a_count; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return true;
}

static bool same_range(const struct signet_range *a, const struct signet_range *b)
{
	return a->prefix_length == b->prefix_length && a->base.port == b->base.port &&
	       a->base.len == b->base.len &&
	       !memcmp(a->base.address, b->base.address, a->base.len);
}

static bool same_rule(const struct signet_tables_rule *a, const struct signet_tables_rule *b)
{
	return !strcmp(a->subject, b->subject) && !strcmp(a->policy, b->policy) &&
	       same_texts(a->from, a->from_count, b->from, b->from_count) &&
	       a->port_count == b->port_count &&
	       !memcmp(a->ports, b->ports, a->port_count * sizeof(*a->ports));
}

static bool same_destination(const struct signet_tables_destination *a,
			     const struct signet_tables_destination *b)
{
	size_t i;

	if (strcmp(a->name, b->name) || a->range_count != b->range_count ||
	    !same_texts(a->identities, a->identity_count, b->identities, b->identity_count))
		return false;
	for (i = 0; i < a->range_count; i++)
		if (!same_range(&a->ranges[i], &b->ranges[i]))
			return false;
	return true;
}

static bool same_item(enum kind kind, const void *a, const void *b)
{
	switch (kind) {
	case NETWORK:
		return same_range(a, b);
	case EXEMPT_PORT:
		return *(const u16 *)a == *(const u16 *)b;
	case RULE:
		return same_rule(a, b);
	case DESTINATION:
		break;
	}
	return same_destination(a, b);
}

static const void *item_at(const struct signet_tables *tables, enum kind kind, size_t index)
{
	switch (kind) {
	case NETWORK:
		return signet_tables_network_at(tables, index);
	case EXEMPT_PORT:
		return signet_tables_exempt_port_at(tables, index);
	case RULE:
		return signet_tables_rule_at(tables, index);
	case DESTINATION:
		break;
	}
	return signet_tables_destination_at(tables, index);
}

static int add_item(struct signet_tables *tables, enum kind kind, const void *item)
{
	switch (kind) {
	case NETWORK:
		return signet_tables_add_network(tables, item);
	case EXEMPT_PORT:
		return signet_tables_add_exempt_port(tables, *(const u16 *)item);
	case RULE:
		return signet_tables_add_rule(tables, item);
	case DESTINATION:
		break;
	}
	return signet_tables_add_destination(tables, item);
}

static struct left_out *find(const struct difference *difference, enum kind kind,
			     const void *item)
{
	struct signet_hash_link *link;
	struct left_out *left_out;

	if (!difference->count)
		return NULL;
	link = signet_hash_first(&difference->table, hash_item(difference->seed, kind, item));
	for (; link; link = signet_hash_next(link)) {
		left_out = (struct left_out *)link;
		if (left_out->kind == kind && same_item(kind, left_out->item, item))
			return left_out;
	}
	return NULL;
}

static int leave_out(struct difference *difference, const struct signet_tables *but)
{
	struct left_out *left_out;
	size_t room = 0, i;
	const void *item;
	enum kind kind;
	int err;

	for (kind = NETWORK; kind <= DESTINATION; kind++)
		for (i = 0; item_at(but, kind, i); i++)
			room++;
	if (!room)
		return 0;
	difference->all = signet_alloc_array(room, sizeof(*difference->all));
	if (!difference->all)
		return -ENOMEM;
	for (kind = NETWORK; kind <= DESTINATION; kind++)
		for (i = 0; (item = item_at(but, kind, i)); i++) {
			/* One may be named twice. */
			if (find(difference, kind, item))
				continue;
			left_out = &difference->all[difference->count++];
			left_out->kind = kind;
			left_out->item = item;
			err = signet_hash_insert(&difference->table, &left_out->link,
						 hash_item(difference->seed, kind, item));
			if (err)
				return err;
		}
	return 0;
}

static bool is_left_out(const struct difference *difference, enum kind kind, const void *item)
{
	struct left_out *left_out = find(difference, kind, item);

	if (left_out)
		left_out->met = true;
	return left_out;
}

static int no_such_item(const char **why)
{
	*why = "what is to be removed is not in the policy in force";
	return -ENOENT;
}

static int add_others(struct signet_tables *tables, const struct signet_tables *from,
		      const struct difference *difference, const char **why)
{
	const void *item;
	enum kind kind;
	size_t i;
	int err;

	for (kind = NETWORK; kind <= DESTINATION; kind++)
		for (i = 0; (item = item_at(from, kind, i)); i++) {
			err = is_left_out(difference, kind, item) ? 0 :
								    add_item(tables, kind, item);
			if (err)
				return err;
		}
	for (i = 0; i < difference->count; i++)
		if (!difference->all[i].met)
			return no_such_item(why);
	return 0;
}

int signet_tables_add_others(struct signet_tables *tables, const struct signet_tables *from,
			     const struct signet_tables *but, const char **why)
{
	struct difference difference = {};
	int err;

	signet_random((u8 *)&difference.seed, sizeof(difference.seed));
	err = leave_out(&difference, but);
	if (!err)
		err = add_others(tables, from, &difference, why);
	signet_hash_free(&difference.table);
	signet_free_array(difference.all);
	return err;
}

static bool has_root(const struct signet_anchors *anchors, const struct signet_certificate *root)
{
	size_t i;

	for (i = 0; i < anchors->count; i++)
		if (signet_bytes_equal(&anchors->roots[i].der, &root->der))
			return true;
	return false;
}

int signet_bundle_add_others(struct signet_bundle *bundle, const struct signet_bundle *from,
			     const struct signet_bundle *but, const char **why)
{
	const struct signet_anchors *all = signet_bundle_anchors(from);
	const struct signet_anchors *without = signet_bundle_anchors(but);
	size_t i;
	int err;

	for (i = 0; i < without->count; i++)
		if (!has_root(all, &without->roots[i]))
			return no_such_item(why);
	for (i = 0; i < all->count; i++) {
		if (has_root(without, &all->roots[i]))
			continue;
		err = signet_bundle_add(bundle, all->roots[i].der, why);
		if (err)
			return err;
	}
	return 0;
}
