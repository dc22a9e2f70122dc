// SPDX-License-Identifier: GPL-2.0
/*
 * Any items in any order, added to nothing or removed from and added to the policy before: a draft
 * is refused with a sentence, or becomes a policy that decides as its own rules and destinations
 * say; and nothing of it is left.
 */
#include "core/policy/draft.h"
#include "test/certificate_fixture.h"
#include "test/platform_user.h"

#include <stdlib.h>

static const char *const ids[] = {
	"spiffe://demo.test/a",	  "spiffe://demo.test/b", "spiffe://other.test/c/d",
	"spiffe://demo.test/a/e", "spiffe://demo.test",	  "/a/*",
};

struct input {
	const u8 *data;
	size_t len;
};

static u8 next(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

static const char *next_id(struct input *in)
{
	return ids[next(in) % ARRAY_SIZE(ids)];
}

/* Few addresses, so that ranges meet. */
static struct signet_range next_range(struct input *in)
{
	u8 kind = next(in);
	struct signet_range range = {
		.base = { { 10, kind & 1, kind >> 1 & 1, kind >> 2 & 3 }, 4, kind >> 4 & 3 },
		.prefix_length = next(in) % 40,
	};

	if (kind & 0x80) {
		memcpy(range.base.address + 12, range.base.address, 4);
		memset(range.base.address, 0, 10);
		memset(range.base.address + 10, 0xff, 2);
		range.base.len = 16;
		range.prefix_length += 96;
	}
	if (kind == 0x7f)
		range.base.len = 5;
	return range;
}

static struct signet_bytes root(void)
{
	static struct test_certificate *made;

	if (!made)
		made = certificate_make(&root_order, NULL);
	return certificate_der(made);
}

struct policy {
	struct signet_bundle *bundle;
	struct signet_tables *tables;
};

static void policy_free(struct policy *policy)
{
	signet_bundle_free(policy->bundle);
	signet_tables_free(policy->tables);
}

static int step(struct signet_draft *draft, struct input *in, u8 kind, const char **why)
{
	struct signet_range range;

	switch (kind % 13) {
	case 0:
		return signet_draft_add_root(draft, root(), why);
	case 1:
		range = next_range(in);
		return signet_draft_add_network(draft, &range, why);
	case 2:
		return signet_draft_add_exempt_port(draft, next(in) & 3, why);
	case 3:
		return signet_draft_remove(draft, kind & 0x80, why);
	case 4:
		return signet_draft_open_rule(draft, kind & 0x80 ? NULL : next_id(in), NULL, why);
	case 5:
		return signet_draft_add_client(draft, next_id(in), why);
	case 6:
		return signet_draft_add_port(draft, next(in) & 3, why);
	case 7:
		return signet_draft_close_rule(draft, why);
	case 8:
		return signet_draft_open_destination(draft, kind & 0x80 ? NULL : "name", why);
	case 9:
		range = next_range(in);
		return signet_draft_add_range(draft, &range, why);
	case 10:
		return signet_draft_add_identity(draft, next_id(in), why);
	default:
		return signet_draft_close_destination(draft, why);
	}
}

/* What signet_tables_inbound() should say, by a look at each rule. */
static bool inbound(const struct signet_tables *tables, const char *subject, const char *client,
		    u16 port)
{
	const struct signet_tables_rule *rule;
	bool named = false;
	size_t i, j, k;

	for (i = 0; (rule = signet_tables_rule_at(tables, i)); i++) {
		if (strcmp(rule->subject, subject))
			continue;
		named = true;
		for (j = 0; j < rule->from_count; j++) {
			if (strcmp(rule->from[j], client))
				continue;
			if (!rule->port_count)
				return true;
			for (k = 0; k < rule->port_count; k++)
				if (rule->ports[k] == port)
					return true;
		}
	}
	return !named && !signet_tables_default_deny(tables);
}

static void decide(const struct signet_tables *tables)
{
	size_t i, j;
	u16 port;

	for (i = 0; i < ARRAY_SIZE(ids); i++)
		for (j = 0; j < ARRAY_SIZE(ids); j++)
			for (port = 1; port < 5; port++)
				if (signet_tables_inbound(tables, ids[i], ids[j], port) !=
				    inbound(tables, ids[i], ids[j], port))
					abort();
}

/* Has the policy before such a rule? */
static bool is_of(const struct policy *older, const struct signet_tables_rule *rule)
{
	const struct signet_tables_rule *other;
	size_t i;

	for (i = 0; (other = signet_tables_rule_at(older->tables, i)); i++)
		if (!strcmp(other->subject, rule->subject) &&
		    other->from_count == rule->from_count &&
		    other->port_count == rule->port_count)
			return true;
	return false;
}

static void check(const struct policy *policy, const struct policy *older,
		  const struct signet_draft_changes *changes)
{
	const struct signet_tables_destination *destination;
	const struct signet_tables_rule *rule;
	size_t i;

	decide(policy->tables);
	for (i = 0; (destination = signet_tables_destination_at(policy->tables, i)); i++)
		if (!destination->range_count || !destination->identity_count)
			abort();
	for (i = 0; (rule = signet_tables_rule_at(policy->tables, i)); i++)
		if (!changes->rules_added && !is_of(older, rule))
			abort();
	if (!changes->rules_removed && older->tables && signet_tables_rule_at(older->tables, 0) &&
	    !i)
		abort();
	if (!signet_bundle_anchors(policy->bundle)->count)
		abort();
}

/* The policy that comes of it takes the place of the one before. */
static int finish(struct signet_draft *draft, struct policy *now, const char **why)
{
	struct signet_draft_changes changes;
	struct policy policy;
	int err;

	err = signet_draft_finish(draft, &policy.bundle, &policy.tables, &changes, why);
	if (err)
		return err;
	if (!policy.tables) {
		if (!now->tables || policy.bundle)
			abort();
		return 0;
	}
	check(&policy, now, &changes);
	policy_free(now);
	*now = policy;
	return 0;
}

static struct signet_draft *begin(const struct policy *now, bool default_deny)
{
	const struct signet_draft_base base = { now->bundle, now->tables };

	return signet_draft_new("demo.test", default_deny, now->bundle ? &base : NULL);
}

/* The first byte is which allocation fails, if any. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct policy policy = {};
	struct signet_draft *draft;
	const char *why = NULL;
	int err = 0;
	u8 kind;

	root();
	signet_fail_allocation(next(&in));
	draft = begin(&policy, size & 1);
	while (draft && in.len && !err) {
		kind = next(&in);
		if (kind % 13 < 12) {
			err = step(draft, &in, kind, &why);
			continue;
		}
		err = finish(draft, &policy, &why);
		if (!err) {
			signet_draft_free(draft);
			draft = begin(&policy, kind & 0x80);
		}
	}
	if (err && !why != (err == -ENOMEM))
		abort();
	signet_fail_allocation(0);
	if (draft && !err && finish(draft, &policy, &why) && !why)
		abort();
	signet_draft_free(draft);
	policy_free(&policy);
	if (signet_allocations_live())
		abort();
	return 0;
}
