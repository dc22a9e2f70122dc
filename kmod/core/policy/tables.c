// SPDX-License-Identifier: GPL-2.0
/*
 * Policy decisions by hash. SPIFFE IDs are interned: a rule becomes one grant for each subject,
 * client and port, found by the pointers of the interned IDs; a destination becomes one place for
 * each prefix and port, and one grant for each identity there. A prefix is found by trying the
 * lengths that occur, longest first: at most 33 or 129 of them, however many ranges there are.
 */
#include "core/policy/tables.h"

#include "core/policy/hash_table.h"
#include "core/x509/x509.h"

#define IPV4_LEN 4
#define IPV6_LEN 16
#define EVERY_PORT 0
#define ITEMS_MIN 8

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

struct items {
	void **items;
	size_t room;
	size_t count;
};

struct signet_access {
	u64 seed;
	bool default_deny;
	u8 exempt[65536 / 8];
	struct signet_hash_table names;
	struct signet_hash_table grants;
	struct place_table networks;
	struct place_table destinations;
	/* As they were added, each one allocation; and what else was allocated. */
	struct items network_list;
	struct items exempt_list;
	struct items rule_list;
	struct items destination_list;
	struct items owned;
};

static int append(struct items *list, void *item)
{
	size_t room = list->room ? 2 * list->room : ITEMS_MIN;
	void **items;

	if (list->count == list->room) {
		items = signet_alloc_array(room, sizeof(*items));
		if (!items)
			return -ENOMEM;
		if (list->count)
			memcpy(items, list->items, list->count * sizeof(*items));
		signet_free_array(list->items);
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = item;
	return 0;
}

/* Zeroed memory that lives as long as @access. */
static void *own(struct signet_access *access, size_t size)
{
	void *p = signet_alloc_array(1, size);

	if (p && append(&access->owned, p)) {
		signet_free_array(p);
		return NULL;
	}
	return p;
}

static char *own_text(struct signet_access *access, const char *text)
{
	size_t len = strlen(text);
	char *copy = own(access, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

struct signet_access *signet_access_new(bool default_deny)
{
	struct signet_access *access = signet_alloc_array(1, sizeof(*access));

	if (!access)
		return NULL;
	access->default_deny = default_deny;
	signet_random((u8 *)&access->seed, sizeof(access->seed));
	return access;
}

void signet_access_free(struct signet_access *access)
{
	size_t i;

	if (!access)
		return;
	for (i = 0; i < access->owned.count; i++)
		signet_free_array(access->owned.items[i]);
	signet_free_array(access->owned.items);
	signet_free_array(access->network_list.items);
	signet_free_array(access->exempt_list.items);
	signet_free_array(access->rule_list.items);
	signet_free_array(access->destination_list.items);
	signet_hash_free(&access->names);
	signet_hash_free(&access->grants);
	signet_hash_free(&access->networks.table);
	signet_hash_free(&access->destinations.table);
	signet_free_array(access);
}

static u64 hash_name(const struct signet_access *access, const char *id)
{
	return signet_hash_bytes(access->seed, id, strlen(id));
}

static struct name *find_name(const struct signet_access *access, const char *id)
{
	struct signet_hash_link *link;

	for (link = signet_hash_first(&access->names, hash_name(access, id)); link;
	     link = signet_hash_next(link))
		if (!strcmp(((struct name *)link)->text, id))
			return (struct name *)link;
	return NULL;
}

static int intern(struct signet_access *access, const char *id, struct name **name)
{
	size_t len = strlen(id), path;

	if (!signet_spiffe_id_valid(id, len, &path))
		return -EINVAL;
	*name = find_name(access, id);
	if (*name)
		return 0;
	*name = own(access, sizeof(**name) + len + 1);
	if (!*name)
		return -ENOMEM;
	memcpy((*name)->text, id, len);
	return signet_hash_insert(&access->names, &(*name)->link, hash_name(access, id));
}

static u64 hash_grant(const struct signet_access *access, const void *where,
		      const struct name *who, u16 port)
{
	struct {
		const void *where;
		const void *who;
		u64 port;
	} key = { where, who, port };

	return signet_hash_bytes(access->seed, &key, sizeof(key));
}

static bool granted(const struct signet_access *access, const void *where, const struct name *who,
		    u16 port)
{
	struct signet_hash_link *link;

	link = signet_hash_first(&access->grants, hash_grant(access, where, who, port));
	for (; link; link = signet_hash_next(link)) {
		const struct grant *grant = (const struct grant *)link;

		if (grant->where == where && grant->who == who && grant->port == port)
			return true;
	}
	return false;
}

static int add_grant(struct signet_access *access, const void *where, const struct name *who,
		     u16 port)
{
	struct grant *grant;

	if (granted(access, where, who, port))
		return 0;
	if (access->grants.count >= SIGNET_ACCESS_GRANTS_MAX)
		return -E2BIG;
	grant = own(access, sizeof(*grant));
	if (!grant)
		return -ENOMEM;
	grant->where = where;
	grant->who = who;
	grant->port = port;
	return signet_hash_insert(&access->grants, &grant->link,
				  hash_grant(access, where, who, port));
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

static u64 hash_range(const struct signet_access *access, const struct signet_range *range)
{
	u8 key[IPV6_LEN + 4] = { range->prefix_length, range->base.len, range->base.port >> 8,
				 (u8)range->base.port };

	memcpy(key + 4, range->base.address, range->base.len);
	return signet_hash_bytes(access->seed, key, 4 + range->base.len);
}

static bool same_range(const struct signet_range *a, const struct signet_range *b)
{
	return a->prefix_length == b->prefix_length && a->base.len == b->base.len &&
	       a->base.port == b->base.port &&
	       !memcmp(a->base.address, b->base.address, a->base.len);
}

static struct place *find_range(const struct signet_access *access,
				const struct place_table *places, const struct signet_range *range)
{
	struct signet_hash_link *link;

	for (link = signet_hash_first(&places->table, hash_range(access, range)); link;
	     link = signet_hash_next(link))
		if (same_range(&((struct place *)link)->range, range))
			return (struct place *)link;
	return NULL;
}

/* The longest prefix that has @endpoint; of two with one length, that with the port. */
static struct place *find_place(const struct signet_access *access,
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
		place = find_range(access, places, &range);
		if (place)
			return place;
		range.base.port = EVERY_PORT;
		place = find_range(access, places, &range);
		if (place)
			return place;
	}
	return NULL;
}

static int add_place(struct signet_access *access, struct place_table *places,
		     const struct signet_range *in, struct place **place)
{
	struct signet_range range;

	if (!normalize(&range, in))
		return -EINVAL;
	*place = find_range(access, places, &range);
	if (*place)
		return 0;
	*place = own(access, sizeof(**place));
	if (!*place)
		return -ENOMEM;
	(*place)->range = range;
	if (range.base.len == IPV4_LEN)
		places->lengths4[range.prefix_length] = true;
	else
		places->lengths6[range.prefix_length] = true;
	return signet_hash_insert(&places->table, &(*place)->link, hash_range(access, &range));
}

int signet_access_add_network(struct signet_access *access, const struct signet_range *range)
{
	struct signet_range *copy;
	struct place *place;
	int ret;

	if (range->base.port != EVERY_PORT)
		return -EINVAL;
	ret = add_place(access, &access->networks, range, &place);
	if (ret)
		return ret;
	copy = own(access, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *range;
	return append(&access->network_list, copy);
}

static bool is_exempt(const struct signet_access *access, u16 port)
{
	return access->exempt[port / 8] >> port % 8 & 1;
}

int signet_access_add_exempt_port(struct signet_access *access, u16 port)
{
	u16 *copy;

	if (!port)
		return -EINVAL;
	if (is_exempt(access, port))
		return 0;
	copy = own(access, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = port;
	access->exempt[port / 8] |= 1 << port % 8;
	return append(&access->exempt_list, copy);
}

int signet_access_add_rule(struct signet_access *access, const struct signet_access_rule *rule)
{
	struct signet_access_rule *copy;
	struct name *subject, *client;
	const char **from;
	u16 *ports;
	size_t i, j;
	int ret;

	if (!rule->from_count)
		return -EINVAL;
	ret = intern(access, rule->subject, &subject);
	if (ret)
		return ret;
	subject->subject = true;
	copy = own(access, sizeof(*copy));
	from = own(access, rule->from_count * sizeof(*from));
	ports = own(access, (rule->port_count ?: 1) * sizeof(*ports));
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
		ret = intern(access, rule->from[i], &client);
		if (ret)
			return ret;
		from[i] = client->text;
		for (j = 0; j < (rule->port_count ?: 1); j++) {
			ret = add_grant(access, subject, client, ports[j]);
			if (ret)
				return ret;
		}
	}
	copy->subject = subject->text;
	copy->policy = own_text(access, rule->policy ?: "");
	if (!copy->policy)
		return -ENOMEM;
	copy->from = from;
	copy->from_count = rule->from_count;
	copy->ports = ports;
	copy->port_count = rule->port_count;
	return append(&access->rule_list, copy);
}

int signet_access_add_destination(struct signet_access *access,
				  const struct signet_access_destination *destination)
{
	struct signet_access_destination *copy;
	struct signet_range *ranges;
	struct name *identity;
	const char **identities;
	struct place *place;
	size_t i, j;
	int ret;

	if (!destination->range_count || !destination->identity_count)
		return -EINVAL;
	copy = own(access, sizeof(*copy));
	ranges = own(access, destination->range_count * sizeof(*ranges));
	identities = own(access, destination->identity_count * sizeof(*identities));
	if (!copy || !ranges || !identities)
		return -ENOMEM;
	for (i = 0; i < destination->range_count; i++) {
		ranges[i] = destination->ranges[i];
		ret = add_place(access, &access->destinations, &ranges[i], &place);
		if (ret)
			return ret;
		for (j = 0; j < destination->identity_count; j++) {
			ret = intern(access, destination->identities[j], &identity);
			if (!ret)
				ret = add_grant(access, place, identity, EVERY_PORT);
			if (ret)
				return ret;
			identities[j] = identity->text;
		}
	}
	copy->name = own_text(access, destination->name ?: "");
	if (!copy->name)
		return -ENOMEM;
	copy->ranges = ranges;
	copy->range_count = destination->range_count;
	copy->identities = identities;
	copy->identity_count = destination->identity_count;
	return append(&access->destination_list, copy);
}

bool signet_access_covers(const struct signet_access *access, enum signet_direction direction,
			  const struct signet_endpoint *local,
			  const struct signet_endpoint *remote)
{
	if (direction == SIGNET_INBOUND)
		return !is_exempt(access, local->port) &&
		       find_place(access, &access->networks, local);
	return !is_exempt(access, remote->port) &&
	       (find_place(access, &access->networks, remote) ||
		find_place(access, &access->destinations, remote));
}

bool signet_access_outbound(const struct signet_access *access,
			    const struct signet_endpoint *remote, const char *server)
{
	const struct place *place = find_place(access, &access->destinations, remote);
	const struct name *name;

	if (!place)
		return true;
	name = find_name(access, server);
	return name && granted(access, place, name, EVERY_PORT);
}

bool signet_access_inbound(const struct signet_access *access, const char *subject,
			   const char *client, u16 port)
{
	const struct name *name = find_name(access, subject), *who = find_name(access, client);

	if (name && name->subject) {
		return who && (granted(access, name, who, port) ||
			       granted(access, name, who, EVERY_PORT));
	}
	return !access->default_deny;
}

bool signet_access_default_deny(const struct signet_access *access)
{
	return access->default_deny;
}

static const void *item_at(const struct items *list, size_t index)
{
	return index < list->count ? list->items[index] : NULL;
}

const struct signet_range *signet_access_network_at(const struct signet_access *access,
						    size_t index)
{
	return item_at(&access->network_list, index);
}

const struct signet_access_rule *signet_access_rule_at(const struct signet_access *access,
						       size_t index)
{
	return item_at(&access->rule_list, index);
}

const struct signet_access_destination *
signet_access_destination_at(const struct signet_access *access, size_t index)
{
	return item_at(&access->destination_list, index);
}

u16 signet_access_exempt_port_at(const struct signet_access *access, size_t index)
{
	const u16 *port = item_at(&access->exempt_list, index);

	return port ? *port : 0;
}
