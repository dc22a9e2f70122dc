// SPDX-License-Identifier: GPL-2.0
/*
 * Policy decisions by hash. SPIFFE IDs are interned: a rule becomes one grant for each subject,
 * client and port, found by the pointers of the interned IDs; a destination becomes one place for
 * each prefix and port, and one grant for each identity there. A prefix is found by trying the
 * lengths that occur, longest first: at most 33 or 129 of them, however many ranges there are.
 */
#include "core/policy/tables.h"

#include "core/policy/array.h"
#include "core/policy/hash_table.h"
#include "core/x509/x509.h"

#define IPV4_LEN 4
#define IPV6_LEN 16
#define EVERY_PORT 0

/* A SPIFFE ID that some rule or destination has. */
struct name {
	struct signet_hash_link link; /* first */
	bool subject; /* of a rule */
	char text[];
};

/* A prefix and a port; only those of destinations grant anything. */
struct place {
	struct signet_hash_link link; /* first */
	struct signet_range range; /* normal: see normalize() */
};

/* @who may: connect to a subject's port, or answer at a place (port 0). */
struct grant {
	struct signet_hash_link link; /* first */
	const void *where; /* struct name or struct place */
	const struct name *who;
	u16 port;
};

/* Prefixes of one purpose, IPv4 and IPv6. */
struct place_table {
	struct signet_hash_table table;
	bool lengths4[8 * IPV4_LEN + 1]; /* those that occur */
	bool lengths6[8 * IPV6_LEN + 1];
};

struct signet_tables {
	u64 seed;
	bool default_deny;
	u8 exempt[65536 / 8];
	struct signet_hash_table names;
	struct signet_hash_table grants;
	struct place_table networks;
	struct place_table destinations;
	size_t combinations; /* as they were named, some perhaps more than once */
	/* Pointers: as they were added, each one allocation; and what else was allocated. */
	struct signet_array network_list;
	struct signet_array exempt_list;
	struct signet_array rule_list;
	struct signet_array destination_list;
	struct signet_array owned;
};

static int append(struct signet_array *list, void *item)
{
	void **last = signet_array_add(list, sizeof(*last));

	if (!last)
		return -ENOMEM;
	*last = item;
	return 0;
}

/* Zeroed memory that lives as long as @tables. */
static void *own(struct signet_tables *tables, size_t size)
{
	void *p = signet_alloc_array(1, size);

	if (p && append(&tables->owned, p)) {
		signet_free_array(p);
		return NULL;
	}
	return p;
}

static char *own_text(struct signet_tables *tables, const char *text)
{
	size_t len = strlen(text);
	char *copy = own(tables, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

struct signet_tables *signet_tables_new(bool default_deny)
{
	struct signet_tables *tables = signet_alloc_array(1, sizeof(*tables));

	if (!tables)
		return NULL;
	tables->default_deny = default_deny;
	signet_random((u8 *)&tables->seed, sizeof(tables->seed));
	return tables;
}

void signet_tables_free(struct signet_tables *tables)
{
	size_t i;

	if (!tables)
		return;
	for (i = 0; i < tables->owned.count; i++)
		signet_free_array(((void **)tables->owned.items)[i]);
	signet_array_free(&tables->owned);
	signet_array_free(&tables->network_list);
	signet_array_free(&tables->exempt_list);
	signet_array_free(&tables->rule_list);
	signet_array_free(&tables->destination_list);
	signet_hash_free(&tables->names);
	signet_hash_free(&tables->grants);
	signet_hash_free(&tables->networks.table);
	signet_hash_free(&tables->destinations.table);
	signet_free_array(tables);
}

static u64 hash_name(const struct signet_tables *tables, const char *id)
{
	return signet_hash_bytes(tables->seed, id, strlen(id));
}

static struct name *find_name(const struct signet_tables *tables, const char *id)
{
	struct signet_hash_link *link;

	for (link = signet_hash_first(&tables->names, hash_name(tables, id)); link;
	     link = signet_hash_next(link))
		if (!strcmp(((struct name *)link)->text, id))
			return (struct name *)link;
	return NULL;
}

static int intern(struct signet_tables *tables, const char *id, struct name **name)
{
	size_t len = strlen(id), path;

	if (!signet_spiffe_id_valid(id, len, &path))
		return -EINVAL;
	*name = find_name(tables, id);
	if (*name)
		return 0;
	*name = own(tables, sizeof(**name) + len + 1);
	if (!*name)
		return -ENOMEM;
	memcpy((*name)->text, id, len);
	return signet_hash_insert(&tables->names, &(*name)->link, hash_name(tables, id));
}

int signet_tables_intern(struct signet_tables *tables, const char *id, const char **own)
{
	struct name *name;
	int ret = intern(tables, id, &name);

	*own = ret ? NULL : name->text;
	return ret;
}

/* So that memory and time are bounded, however often one and the same combination is named. */
static int count_combinations(struct signet_tables *tables, size_t a, size_t b)
{
	if (a > SIGNET_TABLES_GRANTS_MAX / b ||
	    a * b > SIGNET_TABLES_GRANTS_MAX - tables->combinations)
		return -E2BIG;
	tables->combinations += a * b;
	return 0;
}

static u64 hash_grant(const struct signet_tables *tables, const void *where,
		      const struct name *who, u16 port)
{
	struct {
		const void *where;
		const void *who;
		u64 port;
	} key = { where, who, port };

	return signet_hash_bytes(tables->seed, &key, sizeof(key));
}

static bool granted(const struct signet_tables *tables, const void *where, const struct name *who,
		    u16 port)
{
	struct signet_hash_link *link;

	link = signet_hash_first(&tables->grants, hash_grant(tables, where, who, port));
	for (; link; link = signet_hash_next(link)) {
		const struct grant *grant = (const struct grant *)link;

		if (grant->where == where && grant->who == who && grant->port == port)
			return true;
	}
	return false;
}

static int add_grant(struct signet_tables *tables, const void *where, const struct name *who,
		     u16 port)
{
	struct grant *grant;

	if (granted(tables, where, who, port))
		return 0;
	grant = own(tables, sizeof(*grant));
	if (!grant)
		return -ENOMEM;
	grant->where = where;
	grant->who = who;
	grant->port = port;
	return signet_hash_insert(&tables->grants, &grant->link,
				  hash_grant(tables, where, who, port));
}

static bool ipv4_in_ipv6(const struct signet_endpoint *endpoint)
{
	static const u8 prefix[12] = { [10] = 0xff, [11] = 0xff };

	return endpoint->len == IPV6_LEN && !memcmp(endpoint->address, prefix, sizeof(prefix));
}

/*
 * One spelling for each range: IPv4 as IPv4, and no bits beyond the prefix. False for one that is
 * none.
 */
static bool normalize(struct signet_range *out, const struct signet_range *in)
{
	unsigned int bit;

	memset(out, 0, sizeof(*out));
	if ((in->base.len != IPV4_LEN && in->base.len != IPV6_LEN) ||
	    in->prefix_length > 8 * in->base.len)
		return false;
	out->base.len = in->base.len;
	out->base.port = in->base.port;
	out->prefix_length = in->prefix_length;
	if (ipv4_in_ipv6(&in->base) && in->prefix_length >= 8 * (IPV6_LEN - IPV4_LEN)) {
		out->base.len = IPV4_LEN;
		out->prefix_length -= 8 * (IPV6_LEN - IPV4_LEN);
	}
	memcpy(out->base.address, in->base.address + in->base.len - out->base.len, out->base.len);
	for (bit = out->prefix_length; bit < 8 * out->base.len; bit++)
		out->base.address[bit / 8] &= ~(0x80 >> bit % 8);
	return true;
}

static bool is_loopback(const struct signet_endpoint *endpoint)
{
	static const u8 zero[IPV6_LEN];

	if (endpoint->len == IPV4_LEN)
		return endpoint->address[0] == 127 || !memcmp(endpoint->address, zero, IPV4_LEN);
	return !memcmp(endpoint->address, zero, IPV6_LEN - 1) && endpoint->address[15] <= 1;
}

/* Shortest prefix that may have @endpoint: one with loopback in it must have nothing else. */
static int shortest_prefix(const struct signet_endpoint *endpoint)
{
	if (!is_loopback(endpoint))
		return 0;
	return endpoint->len == IPV4_LEN ? 8 : 8 * IPV6_LEN;
}

static u64 hash_range(const struct signet_tables *tables, const struct signet_range *range)
{
	u8 key[IPV6_LEN + 4] = { range->prefix_length, range->base.len, range->base.port >> 8,
				 (u8)range->base.port };

	memcpy(key + 4, range->base.address, range->base.len);
	return signet_hash_bytes(tables->seed, key, 4 + range->base.len);
}

static bool same_range(const struct signet_range *a, const struct signet_range *b)
{
	return a->prefix_length == b->prefix_length && a->base.len == b->base.len &&
	       a->base.port == b->base.port &&
	       !memcmp(a->base.address, b->base.address, a->base.len);
}

static struct place *find_range(const struct signet_tables *tables,
				const struct place_table *places, const struct signet_range *range)
{
	struct signet_hash_link *link;

	for (link = signet_hash_first(&places->table, hash_range(tables, range)); link;
	     link = signet_hash_next(link))
		if (same_range(&((struct place *)link)->range, range))
			return (struct place *)link;
	return NULL;
}

/* The longest prefix that has @endpoint; of two with one length, that with the port. */
static struct place *find_place(const struct signet_tables *tables,
				const struct place_table *places,
				const struct signet_endpoint *endpoint)
{
	struct signet_range whole = { *endpoint, 8 * endpoint->len }, range;
	const bool *lengths;
	struct place *place;
	int length, shortest;

	if (!normalize(&range, &whole))
		return NULL;
	lengths = range.base.len == IPV4_LEN ? places->lengths4 : places->lengths6;
	shortest = shortest_prefix(&range.base);
	for (length = 8 * range.base.len; length >= shortest; length--) {
		/* Clears the bit that is no longer in the prefix. */
		if (length < 8 * range.base.len)
			range.base.address[length / 8] &= ~(0x80 >> length % 8);
		if (!lengths[length])
			continue;
		range.prefix_length = length;
		range.base.port = endpoint->port;
		place = find_range(tables, places, &range);
		if (place)
			return place;
		range.base.port = EVERY_PORT;
		place = find_range(tables, places, &range);
		if (place)
			return place;
	}
	return NULL;
}

static int add_place(struct signet_tables *tables, struct place_table *places,
		     const struct signet_range *in, struct place **place)
{
	struct signet_range range;

	if (!normalize(&range, in))
		return -EINVAL;
	*place = find_range(tables, places, &range);
	if (*place)
		return 0;
	*place = own(tables, sizeof(**place));
	if (!*place)
		return -ENOMEM;
	(*place)->range = range;
	if (range.base.len == IPV4_LEN)
		places->lengths4[range.prefix_length] = true;
	else
		places->lengths6[range.prefix_length] = true;
	return signet_hash_insert(&places->table, &(*place)->link, hash_range(tables, &range));
}

int signet_tables_add_network(struct signet_tables *tables, const struct signet_range *range)
{
	struct signet_range *copy;
	struct place *place;
	int ret;

	if (range->base.port != EVERY_PORT)
		return -EINVAL;
	ret = add_place(tables, &tables->networks, range, &place);
	if (ret)
		return ret;
	copy = own(tables, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *range;
	return append(&tables->network_list, copy);
}

static bool is_exempt(const struct signet_tables *tables, u16 port)
{
	return tables->exempt[port / 8] >> port % 8 & 1;
}

int signet_tables_add_exempt_port(struct signet_tables *tables, u16 port)
{
	u16 *copy;

	if (!port)
		return -EINVAL;
	if (is_exempt(tables, port))
		return 0;
	copy = own(tables, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = port;
	tables->exempt[port / 8] |= 1 << port % 8;
	return append(&tables->exempt_list, copy);
}

int signet_tables_add_rule(struct signet_tables *tables, const struct signet_tables_rule *rule)
{
	struct signet_tables_rule *copy;
	struct name *subject, *client;
	const char **from;
	u16 *ports;
	size_t i, j;
	int ret;

	if (!rule->from_count)
		return -EINVAL;
	ret = count_combinations(tables, rule->from_count, rule->port_count ?: 1);
	if (ret)
		return ret;
	ret = intern(tables, rule->subject, &subject);
	if (ret)
		return ret;
	subject->subject = true;
	copy = own(tables, sizeof(*copy));
	from = own(tables, rule->from_count * sizeof(*from));
	ports = own(tables, (rule->port_count ?: 1) * sizeof(*ports));
	if (!copy || !from || !ports)
		return -ENOMEM;

	/* No port is every port. */
	ports[0] = EVERY_PORT;
	for (j = 0; j < rule->port_count; j++) {
		if (rule->ports[j] == EVERY_PORT)
			return -EINVAL;
		ports[j] = rule->ports[j];
	}
	for (i = 0; i < rule->from_count; i++) {
		ret = intern(tables, rule->from[i], &client);
		if (ret)
			return ret;
		from[i] = client->text;
		for (j = 0; j < (rule->port_count ?: 1); j++) {
			ret = add_grant(tables, subject, client, ports[j]);
			if (ret)
				return ret;
		}
	}
	copy->subject = subject->text;
	copy->policy = own_text(tables, rule->policy ?: "");
	if (!copy->policy)
		return -ENOMEM;
	copy->from = from;
	copy->from_count = rule->from_count;
	copy->ports = ports;
	copy->port_count = rule->port_count;
	return append(&tables->rule_list, copy);
}

int signet_tables_add_destination(struct signet_tables *tables,
				  const struct signet_tables_destination *destination)
{
	struct signet_tables_destination *copy;
	struct signet_range *ranges;
	struct name *identity;
	const char **identities;
	struct place *place;
	size_t i, j;
	int ret;

	if (!destination->range_count || !destination->identity_count)
		return -EINVAL;
	ret = count_combinations(tables, destination->range_count, destination->identity_count);
	if (ret)
		return ret;
	copy = own(tables, sizeof(*copy));
	ranges = own(tables, destination->range_count * sizeof(*ranges));
	identities = own(tables, destination->identity_count * sizeof(*identities));
	if (!copy || !ranges || !identities)
		return -ENOMEM;
	for (i = 0; i < destination->range_count; i++) {
		ranges[i] = destination->ranges[i];
		ret = add_place(tables, &tables->destinations, &ranges[i], &place);
		if (ret)
			return ret;
		for (j = 0; j < destination->identity_count; j++) {
			ret = intern(tables, destination->identities[j], &identity);
			if (!ret)
				ret = add_grant(tables, place, identity, EVERY_PORT);
			if (ret)
				return ret;
			identities[j] = identity->text;
		}
	}
	copy->name = own_text(tables, destination->name ?: "");
	if (!copy->name)
		return -ENOMEM;
	copy->ranges = ranges;
	copy->range_count = destination->range_count;
	copy->identities = identities;
	copy->identity_count = destination->identity_count;
	return append(&tables->destination_list, copy);
}

bool signet_tables_covers(const struct signet_tables *tables, enum signet_direction direction,
			  const struct signet_endpoint *local,
			  const struct signet_endpoint *remote)
{
	if (direction == SIGNET_INBOUND)
		return !is_exempt(tables, local->port) &&
		       find_place(tables, &tables->networks, local);
	return !is_exempt(tables, remote->port) &&
	       (find_place(tables, &tables->networks, remote) ||
		find_place(tables, &tables->destinations, remote));
}

bool signet_tables_outbound(const struct signet_tables *tables,
			    const struct signet_endpoint *remote, const char *server)
{
	const struct place *place = find_place(tables, &tables->destinations, remote);
	const struct name *name;

	if (!place)
		return true;
	name = find_name(tables, server);
	return name && granted(tables, place, name, EVERY_PORT);
}

bool signet_tables_inbound(const struct signet_tables *tables, const char *subject,
			   const char *client, u16 port)
{
	const struct name *name = find_name(tables, subject), *who = find_name(tables, client);

	if (name && name->subject) {
		return who && (granted(tables, name, who, port) ||
			       granted(tables, name, who, EVERY_PORT));
	}
	return !tables->default_deny;
}

bool signet_tables_default_deny(const struct signet_tables *tables)
{
	return tables->default_deny;
}

static const void *item_at(const struct signet_array *list, size_t index)
{
	return index < list->count ? ((void **)list->items)[index] : NULL;
}

const struct signet_range *signet_tables_network_at(const struct signet_tables *tables,
						    size_t index)
{
	return item_at(&tables->network_list, index);
}

const struct signet_tables_rule *signet_tables_rule_at(const struct signet_tables *tables,
						       size_t index)
{
	return item_at(&tables->rule_list, index);
}

const struct signet_tables_destination *
signet_tables_destination_at(const struct signet_tables *tables, size_t index)
{
	return item_at(&tables->destination_list, index);
}

const u16 *signet_tables_exempt_port_at(const struct signet_tables *tables, size_t index)
{
	return item_at(&tables->exempt_list, index);
}
