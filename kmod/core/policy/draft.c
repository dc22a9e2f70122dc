// SPDX-License-Identifier: GPL-2.0
#include "core/policy/draft.h"

#include "core/policy/array.h"
#include "core/policy/difference.h"

/* A rule that isn't closed yet; IDs are the tables' own. */
struct open_rule {
	const char *subject; /* NULL: none is open */
	char *policy; /* or NULL */
	struct signet_array clients; /* const char * */
	struct signet_array ports; /* u16 */
};

/* A destination that isn't closed yet. */
struct open_destination {
	bool open;
	char *name; /* or NULL */
	struct signet_array ranges; /* struct signet_range */
	struct signet_array identities; /* const char * */
};

/* What items go into. */
struct side {
	struct signet_bundle *bundle;
	struct signet_tables *tables;
};

struct signet_draft {
	struct signet_draft_base base;
	struct side removed; /* without a base: nothing */
	struct side whole;
	struct side *into;
	bool touched;
	bool filled; /* @whole has what it gets of @base: when the first item is added */
	struct signet_draft_changes changes;
	struct open_rule rule;
	struct open_destination destination;
};

static void end_rule(struct open_rule *rule)
{
	signet_free(rule->policy);
	signet_array_free(&rule->clients);
	signet_array_free(&rule->ports);
	memset(rule, 0, sizeof(*rule));
}

static void end_destination(struct open_destination *destination)
{
	signet_free(destination->name);
	signet_array_free(&destination->ranges);
	signet_array_free(&destination->identities);
	memset(destination, 0, sizeof(*destination));
}

static void side_free(struct side *side)
{
	signet_bundle_free(side->bundle);
	signet_tables_free(side->tables);
	memset(side, 0, sizeof(*side));
}

static int side_init(struct side *side, const char *trust_domain, bool default_deny)
{
	side->bundle = signet_bundle_new(trust_domain);
	side->tables = signet_tables_new(default_deny);
	return side->bundle && side->tables ? 0 : -ENOMEM;
}

void signet_draft_free(struct signet_draft *draft)
{
	if (!draft)
		return;
	side_free(&draft->removed);
	side_free(&draft->whole);
	end_rule(&draft->rule);
	end_destination(&draft->destination);
	signet_free(draft);
}

struct signet_draft *signet_draft_new(const char *trust_domain, bool default_deny,
				      const struct signet_draft_base *base)
{
	struct signet_draft *draft = signet_alloc(sizeof(*draft));

	if (!draft)
		return NULL;
	draft->into = &draft->whole;
	if (side_init(&draft->whole, trust_domain, default_deny) ||
	    (base && side_init(&draft->removed, trust_domain, default_deny))) {
		signet_draft_free(draft);
		return NULL;
	}
	if (base)
		draft->base = *base;
	else
		draft->changes = (struct signet_draft_changes){ true, true, true };
	draft->filled = !base;
	return draft;
}

static int fault(int err, const char **why, const char *sentence)
{
	*why = sentence;
	return err;
}

static int no_rule(const char **why)
{
	return fault(-EINVAL, why, "a rule needs a subject and at least one client");
}

static int no_destination(const char **why)
{
	return fault(-EINVAL, why, "a destination needs at least one range and one identity");
}

static int too_many_combinations(const char **why)
{
	return fault(-E2BIG, why,
		     "the rules and destinations of a policy name at most 1000000 combinations");
}

static bool removes(const struct signet_draft *draft)
{
	return draft->into == &draft->removed;
}

static int fill(struct signet_draft *draft, const char **why)
{
	int err;

	err = signet_bundle_add_others(draft->whole.bundle, draft->base.bundle,
				       draft->removed.bundle, why);
	if (!err)
		err = signet_tables_add_others(draft->whole.tables, draft->base.tables,
					       draft->removed.tables, why);
	side_free(&draft->removed);
	draft->filled = true;
	return err;
}

int signet_draft_remove(struct signet_draft *draft, bool remove, const char **why)
{
	bool open = draft->rule.subject || draft->destination.open;

	if (open && remove != removes(draft))
		return fault(-EINVAL, why, "the rule or destination before isn't complete");
	if (remove && draft->filled)
		return fault(-EINVAL, why,
			     "what is removed comes first, and only from a policy in force");
	draft->into = remove ? &draft->removed : &draft->whole;
	return 0;
}

/* Before an item. */
static int touch(struct signet_draft *draft, const char **why)
{
	draft->touched = true;
	return removes(draft) || draft->filled ? 0 : fill(draft, why);
}

int signet_draft_add_root(struct signet_draft *draft, struct signet_bytes der, const char **why)
{
	int err = touch(draft, why);

	return err ? err : signet_bundle_add(draft->into->bundle, der, why);
}

static int check_range(const struct signet_range *range, const char **why)
{
	if (range->base.len != 4 && range->base.len != 16)
		return fault(-EINVAL, why, "a range needs an address of 4 or 16 bytes");
	if (range->prefix_length > 8 * range->base.len)
		return fault(-EINVAL, why, "the prefix is longer than the address");
	return 0;
}

int signet_draft_add_network(struct signet_draft *draft, const struct signet_range *range,
			     const char **why)
{
	int err = check_range(range, why);

	if (!err)
		err = touch(draft, why);
	if (err)
		return err;
	if (range->base.port)
		return fault(-EINVAL, why, "a network has no port");
	if (signet_tables_network_at(draft->into->tables, SIGNET_NETWORKS_MAX - 1))
		return fault(-E2BIG, why, "a policy has at most 4096 networks");
	return signet_tables_add_network(draft->into->tables, range);
}

int signet_draft_add_exempt_port(struct signet_draft *draft, u16 port, const char **why)
{
	int err = touch(draft, why);

	if (err)
		return err;
	if (!port)
		return fault(-EINVAL, why, "port 0 is none");
	if (signet_tables_exempt_port_at(draft->into->tables, SIGNET_EXEMPT_PORTS_MAX - 1))
		return fault(-E2BIG, why, "a policy has at most 4096 exempt ports");
	return signet_tables_add_exempt_port(draft->into->tables, port);
}

/* The tables' own copy of a whole SPIFFE ID with a path. */
static int take_id(struct signet_draft *draft, const char *id, const char **own, const char **why)
{
	size_t len = strlen(id), path;

	if (!signet_spiffe_id_valid(id, len, &path) || path == len)
		return fault(-EINVAL, why, "this is not a SPIFFE ID with a path");
	return signet_tables_intern(draft->into->tables, id, own);
}

static int add_id(struct signet_draft *draft, struct signet_array *ids, const char *id,
		  const char **why)
{
	const char **last, *own;
	int err;

	if (ids->count == SIGNET_TABLES_GRANTS_MAX)
		return too_many_combinations(why);
	err = take_id(draft, id, &own, why);
	if (err)
		return err;
	last = signet_array_add(ids, sizeof(*last));
	if (!last)
		return -ENOMEM;
	*last = own;
	return 0;
}

static int copy_text(const char *text, char **copy)
{
	*copy = NULL;
	if (!text)
		return 0;
	*copy = signet_alloc(strlen(text) + 1);
	if (!*copy)
		return -ENOMEM;
	memcpy(*copy, text, strlen(text));
	return 0;
}

int signet_draft_open_rule(struct signet_draft *draft, const char *subject, const char *policy,
			   const char **why)
{
	struct open_rule *rule = &draft->rule;
	int err;

	if (rule->subject) {
		if (!subject && !policy)
			return 0;
		return fault(-EINVAL, why, "the rule before this one isn't complete");
	}
	if (!subject)
		return no_rule(why);
	err = touch(draft, why);
	if (err)
		return err;
	if (signet_tables_rule_at(draft->into->tables, SIGNET_RULES_MAX - 1))
		return fault(-E2BIG, why, "a policy has at most 262144 rules");
	err = copy_text(policy, &rule->policy);
	return err ? err : take_id(draft, subject, &rule->subject, why);
}

int signet_draft_add_client(struct signet_draft *draft, const char *id, const char **why)
{
	if (!draft->rule.subject)
		return no_rule(why);
	return add_id(draft, &draft->rule.clients, id, why);
}

int signet_draft_add_port(struct signet_draft *draft, u16 port, const char **why)
{
	struct signet_array *ports = &draft->rule.ports;
	u16 *last;

	if (!draft->rule.subject)
		return no_rule(why);
	if (!port)
		return fault(-EINVAL, why, "port 0 is none");
	if (ports->count == SIGNET_TABLES_GRANTS_MAX)
		return too_many_combinations(why);
	last = signet_array_add(ports, sizeof(*last));
	if (!last)
		return -ENOMEM;
	*last = port;
	return 0;
}

int signet_draft_close_rule(struct signet_draft *draft, const char **why)
{
	struct open_rule *open = &draft->rule;
	const struct signet_tables_rule rule = {
		.subject = open->subject,
		.policy = open->policy,
		.from = open->clients.items,
		.from_count = open->clients.count,
		.ports = open->ports.items,
		.port_count = open->ports.count,
	};
	int err;

	if (!rule.subject || !rule.from_count)
		return no_rule(why);
	err = signet_tables_add_rule(draft->into->tables, &rule);
	if (removes(draft))
		draft->changes.rules_removed = true;
	else
		draft->changes.rules_added = true;
	end_rule(open);
	return err == -E2BIG ? too_many_combinations(why) : err;
}

int signet_draft_open_destination(struct signet_draft *draft, const char *name,
				  const char **why)
{
	struct open_destination *destination = &draft->destination;
	int err;

	if (destination->open) {
		if (!name)
			return 0;
		return fault(-EINVAL, why, "the destination before this one isn't complete");
	}
	err = touch(draft, why);
	if (err)
		return err;
	if (signet_tables_destination_at(draft->into->tables, SIGNET_DESTINATIONS_MAX - 1))
		return fault(-E2BIG, why, "a policy has at most 65536 destinations");
	destination->open = true;
	return copy_text(name, &destination->name);
}

int signet_draft_add_range(struct signet_draft *draft, const struct signet_range *range,
			   const char **why)
{
	struct signet_array *ranges = &draft->destination.ranges;
	struct signet_range *last;
	int err;

	if (!draft->destination.open)
		return no_destination(why);
	err = check_range(range, why);
	if (err)
		return err;
	if (ranges->count == SIGNET_TABLES_GRANTS_MAX)
		return too_many_combinations(why);
	last = signet_array_add(ranges, sizeof(*last));
	if (!last)
		return -ENOMEM;
	*last = *range;
	return 0;
}

int signet_draft_add_identity(struct signet_draft *draft, const char *id, const char **why)
{
	if (!draft->destination.open)
		return no_destination(why);
	return add_id(draft, &draft->destination.identities, id, why);
}

int signet_draft_close_destination(struct signet_draft *draft, const char **why)
{
	struct open_destination *open = &draft->destination;
	const struct signet_tables_destination destination = {
		.name = open->name,
		.ranges = open->ranges.items,
		.range_count = open->ranges.count,
		.identities = open->identities.items,
		.identity_count = open->identities.count,
	};
	int err;

	if (!destination.range_count || !destination.identity_count)
		return no_destination(why);
	err = signet_tables_add_destination(draft->into->tables, &destination);
	draft->changes.destinations = true;
	end_destination(open);
	return err == -E2BIG ? too_many_combinations(why) : err;
}

static bool is_base(const struct signet_draft *draft)
{
	const struct signet_draft_base *base = &draft->base;
	const struct side *whole = &draft->whole;

	return !draft->touched && base->bundle &&
	       signet_tables_default_deny(base->tables) ==
		       signet_tables_default_deny(whole->tables) &&
	       !strcmp(signet_bundle_anchors(base->bundle)->trust_domain,
		       signet_bundle_anchors(whole->bundle)->trust_domain);
}

int signet_draft_finish(struct signet_draft *draft, struct signet_bundle **bundle,
			struct signet_tables **tables, struct signet_draft_changes *changes,
			const char **why)
{
	int err = 0;

	if (draft->rule.subject || draft->destination.open)
		return fault(-EINVAL, why, "the last rule or destination isn't complete");
	*changes = draft->changes;
	*bundle = NULL;
	*tables = NULL;
	if (is_base(draft))
		return 0;
	if (!draft->filled)
		err = fill(draft, why);
	if (err)
		return err;
	if (!signet_bundle_anchors(draft->whole.bundle)->count)
		return fault(-EINVAL, why, "a policy needs at least one root");
	*bundle = draft->whole.bundle;
	*tables = draft->whole.tables;
	memset(&draft->whole, 0, sizeof(draft->whole));
	return 0;
}
