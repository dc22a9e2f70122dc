// SPDX-License-Identifier: GPL-2.0
/* A policy being filled: each check with its sentence, each limit, each allocation that fails. */
#include "certificate_fixture.h"
#include "core/policy/draft.h"
#include "platform_user.h"
#include "test.h"

#include <stdio.h>

#define DOMAIN "demo.test"
#define WEB "spiffe://demo.test/web"
#define CLIENT "spiffe://demo.test/client"

static const struct signet_range network = { { { 10 }, 4, 0 }, 8 };
static const struct signet_range place = { { { 10, 0, 0, 1 }, 4, 80 }, 32 };
static struct test_certificate *root;
static const char *why;

/* A draft, and nothing said about it yet. */
static struct signet_draft *begin(void)
{
	why = NULL;
	return signet_draft_new(DOMAIN, true, NULL);
}

static int one_rule(struct signet_draft *draft, const char *subject, const char *client, u16 port)
{
	int err = signet_draft_open_rule(draft, subject, "policy", &why);

	if (!err)
		err = signet_draft_add_client(draft, client, &why);
	if (!err)
		err = signet_draft_add_port(draft, port, &why);
	return err ? err : signet_draft_close_rule(draft, &why);
}

static int one_destination(struct signet_draft *draft, const struct signet_range *range,
			   const char *identity)
{
	int err = signet_draft_open_destination(draft, "name", &why);

	if (!err)
		err = signet_draft_add_range(draft, range, &why);
	if (!err)
		err = signet_draft_add_identity(draft, identity, &why);
	return err ? err : signet_draft_close_destination(draft, &why);
}

/* Frees the draft; @err must be @expected, with a sentence that has @words. */
static void refused(struct signet_draft *draft, int err, int expected, const char *words)
{
	CHECK(err == expected && why && strstr(why, words), "%d, not %d: %s", err, expected,
	      why ? why : words);
	signet_draft_free(draft);
}

static void items(void)
{
	struct signet_range range = network;
	struct signet_draft *d = begin();

	refused(d, signet_draft_add_root(d, (struct signet_bytes){ (const u8 *)"no", 2 }, &why),
		-EKEYREJECTED, "");
	d = begin();
	range.base.port = 1;
	refused(d, signet_draft_add_network(d, &range, &why), -EINVAL, "a network has no port");
	d = begin();
	range = network;
	range.base.len = 5;
	refused(d, signet_draft_add_network(d, &range, &why), -EINVAL, "address of 4 or 16 bytes");
	d = begin();
	range = network;
	range.prefix_length = 33;
	refused(d, signet_draft_add_network(d, &range, &why), -EINVAL, "prefix is longer");
	d = begin();
	refused(d, signet_draft_add_exempt_port(d, 0, &why), -EINVAL, "port 0 is none");
}

static void rules(void)
{
	struct signet_draft *d = begin();

	refused(d, one_rule(d, "spiffe://demo.test", CLIENT, 80), -EINVAL, "not a SPIFFE ID");
	d = begin();
	refused(d, one_rule(d, WEB, "/x/*", 80), -EINVAL, "not a SPIFFE ID with a path");
	d = begin();
	refused(d, one_rule(d, WEB, CLIENT, 0), -EINVAL, "port 0 is none");
	d = begin();
	refused(d, signet_draft_open_rule(d, NULL, NULL, &why), -EINVAL, "a rule needs a subject");
	d = begin();
	refused(d, signet_draft_add_client(d, CLIENT, &why), -EINVAL, "a rule needs a subject");
	d = begin();
	refused(d, signet_draft_add_port(d, 80, &why), -EINVAL, "a rule needs a subject");
	d = begin();
	CHECK(!signet_draft_open_rule(d, WEB, NULL, &why), "open");
	refused(d, signet_draft_close_rule(d, &why), -EINVAL, "at least one client");
	d = begin();
	CHECK(!signet_draft_open_rule(d, WEB, NULL, &why), "open");
	refused(d, signet_draft_open_rule(d, WEB, NULL, &why), -EINVAL, "isn't complete");
}

static void destinations(void)
{
	struct signet_range range = place;
	struct signet_draft *d = begin();

	range.prefix_length = 33;
	refused(d, one_destination(d, &range, WEB), -EINVAL, "prefix is longer");
	d = begin();
	refused(d, one_destination(d, &place, "web"), -EINVAL, "not a SPIFFE ID with a path");
	d = begin();
	refused(d, signet_draft_add_range(d, &place, &why), -EINVAL, "a destination needs");
	d = begin();
	refused(d, signet_draft_add_identity(d, WEB, &why), -EINVAL, "a destination needs");
	d = begin();
	CHECK(!signet_draft_open_destination(d, NULL, &why) &&
	      !signet_draft_add_identity(d, WEB, &why), "open");
	refused(d, signet_draft_close_destination(d, &why), -EINVAL, "at least one range");
	d = begin();
	CHECK(!signet_draft_open_destination(d, NULL, &why), "open");
	refused(d, signet_draft_open_destination(d, "name", &why), -EINVAL, "isn't complete");
}

static void limits(void)
{
	struct signet_range range = network;
	struct signet_draft *d = begin();
	int err = 0;

	for (size_t i = 0; i < SIGNET_NETWORKS_MAX && !err; i++) {
		range.base.address[1] = i >> 8;
		range.base.address[2] = (u8)i;
		range.prefix_length = 24;
		err = signet_draft_add_network(d, &range, &why);
	}
	CHECK(!err, "%s", why);
	refused(d, signet_draft_add_network(d, &range, &why), -E2BIG, "4096 networks");
	d = begin();
	for (u16 port = 1; port <= SIGNET_EXEMPT_PORTS_MAX && !err; port++)
		err = signet_draft_add_exempt_port(d, port, &why);
	CHECK(!err, "%s", why);
	refused(d, signet_draft_add_exempt_port(d, 9999, &why), -E2BIG, "4096 exempt ports");
	d = begin();
	for (size_t i = 0; i < SIGNET_RULES_MAX && !err; i++)
		err = one_rule(d, WEB, CLIENT, 80);
	CHECK(!err, "%s", why);
	refused(d, one_rule(d, WEB, CLIENT, 80), -E2BIG, "262144 rules");
	d = begin();
	for (size_t i = 0; i < SIGNET_DESTINATIONS_MAX && !err; i++)
		err = one_destination(d, &place, WEB);
	CHECK(!err, "%s", why);
	refused(d, one_destination(d, &place, WEB), -E2BIG, "65536 destinations");
}

/* However it is spread over rules, and though it is one and the same: time and memory end. */
static void combinations(void)
{
	struct signet_draft *d = begin();
	int err = signet_draft_open_rule(d, WEB, NULL, &why);

	for (size_t i = 0; i < 1001 && !err; i++)
		err = signet_draft_add_client(d, CLIENT, &why);
	for (size_t i = 0; i < 1000 && !err; i++)
		err = signet_draft_add_port(d, 80, &why);
	CHECK(!err, "%s", why);
	refused(d, signet_draft_close_rule(d, &why), -E2BIG, "1000000 combinations");
	d = begin();
	err = signet_draft_open_rule(d, WEB, NULL, &why);
	for (size_t i = 0; i < SIGNET_TABLES_GRANTS_MAX && !err; i++)
		err = signet_draft_add_client(d, CLIENT, &why);
	CHECK(!err, "%s", why);
	refused(d, signet_draft_add_client(d, CLIENT, &why), -E2BIG, "1000000 combinations");
	d = begin();
	err = signet_draft_open_destination(d, NULL, &why);
	for (size_t i = 0; i < 600000 && !err; i++)
		err = signet_draft_add_range(d, &place, &why);
	if (!err)
		err = signet_draft_add_identity(d, WEB, &why);
	if (!err)
		err = signet_draft_close_destination(d, &why);
	if (!err)
		err = signet_draft_open_rule(d, WEB, NULL, &why);
	for (size_t i = 0; i < 400001 && !err; i++)
		err = signet_draft_add_client(d, CLIENT, &why);
	CHECK(!err, "%s", why);
	refused(d, signet_draft_close_rule(d, &why), -E2BIG, "1000000 combinations");
}

struct policy {
	struct signet_bundle *bundle;
	struct signet_tables *tables;
	struct signet_draft_changes changes;
};

static int finish(struct signet_draft *draft, struct policy *policy)
{
	return signet_draft_finish(draft, &policy->bundle, &policy->tables, &policy->changes, &why);
}

static void policy_free(struct policy *policy)
{
	signet_bundle_free(policy->bundle);
	signet_tables_free(policy->tables);
}

static void unfinished(void)
{
	struct signet_draft *d = begin();
	struct policy policy;

	refused(d, finish(d, &policy), -EINVAL, "at least one root");
	d = begin();
	CHECK(!signet_draft_add_root(d, certificate_der(root), &why) &&
	      !signet_draft_open_rule(d, WEB, NULL, &why) &&
	      !signet_draft_add_client(d, CLIENT, &why), "a rule without its end");
	refused(d, finish(d, &policy), -EINVAL, "isn't complete");
	d = begin();
	CHECK(!signet_draft_add_root(d, certificate_der(root), &why) &&
	      !signet_draft_open_destination(d, NULL, &why), "a destination without its end");
	refused(d, finish(d, &policy), -EINVAL, "isn't complete");
}

/* One of each kind, the rule and the destination in two parts. */
static int fill(struct signet_draft *d)
{
	int err;
	bool failed;

	failed = (err = signet_draft_add_root(d, certificate_der(root), &why)) ||
		(err = signet_draft_add_network(d, &network, &why)) ||
		(err = signet_draft_add_exempt_port(d, 22, &why)) ||
		(err = signet_draft_open_rule(d, WEB, "policy", &why)) ||
		(err = signet_draft_add_client(d, CLIENT, &why)) ||
		(err = signet_draft_open_destination(d, "name", &why)) ||
		(err = signet_draft_add_range(d, &place, &why)) ||
		(err = signet_draft_open_rule(d, NULL, NULL, &why)) ||
		(err = signet_draft_add_client(d, CLIENT "/2", &why)) ||
		(err = signet_draft_add_port(d, 443, &why)) ||
		(err = signet_draft_close_rule(d, &why)) ||
		(err = signet_draft_open_destination(d, NULL, &why)) ||
		(err = signet_draft_add_identity(d, WEB, &why)) ||
		(err = signet_draft_close_destination(d, &why));
	return failed ? err : 0;
}

static void whole(void)
{
	const struct signet_tables_destination *destination;
	const struct signet_tables_rule *rule;
	struct signet_draft *d = begin();
	struct policy p;

	CHECK(!fill(d) && !finish(d, &p) && !why, "%s", why ? why : "filled");
	signet_draft_free(d);
	CHECK(signet_bundle_anchors(p.bundle)->count == 1 &&
	      !strcmp(signet_bundle_anchors(p.bundle)->trust_domain, DOMAIN), "bundle");
	CHECK(p.changes.rules_added && p.changes.rules_removed && p.changes.destinations,
	      "all is changed where there was nothing");
	rule = signet_tables_rule_at(p.tables, 0);
	CHECK(rule && !strcmp(rule->subject, WEB) && !strcmp(rule->policy, "policy") &&
	      rule->from_count == 2 && !strcmp(rule->from[1], CLIENT "/2") &&
	      rule->port_count == 1 && !signet_tables_rule_at(p.tables, 1), "one rule of two parts");
	CHECK(signet_tables_inbound(p.tables, WEB, CLIENT, 443) &&
	      !signet_tables_inbound(p.tables, WEB, CLIENT, 80),
	      "a port that came after a client is a port for it, too");
	destination = signet_tables_destination_at(p.tables, 0);
	CHECK(destination && !strcmp(destination->name, "name") &&
	      signet_tables_outbound(p.tables, &place.base, WEB) &&
	      !signet_tables_outbound(p.tables, &place.base, CLIENT), "one destination");
	CHECK(signet_tables_network_at(p.tables, 0) &&
	      *signet_tables_exempt_port_at(p.tables, 0) == 22, "the rest");
	policy_free(&p);
}

static const struct policy *base;

static struct signet_draft *begin_with(const struct policy *policy)
{
	const struct signet_draft_base items = { policy->bundle, policy->tables };

	why = NULL;
	return signet_draft_new(DOMAIN, true, &items);
}

static struct signet_draft *begin_to_remove(void)
{
	struct signet_draft *d = begin_with(base);

	CHECK(!signet_draft_remove(d, true, &why), "%s", why);
	return d;
}

/* The base is fill()'s. */
static void removal(void)
{
	struct signet_draft *d = begin_with(base);
	struct policy p;

	CHECK(!signet_draft_remove(d, true, &why) && !signet_draft_remove(d, false, &why) &&
	      !finish(d, &p) && !p.bundle && !p.tables, "nothing is changed");
	signet_draft_free(d);
	CHECK(!p.changes.rules_added && !p.changes.rules_removed && !p.changes.destinations,
	      "nothing is changed");

	why = NULL;
	d = signet_draft_new(DOMAIN, false, &(struct signet_draft_base){ base->bundle,
									 base->tables });
	CHECK(!finish(d, &p) && !signet_tables_default_deny(p.tables) && !p.changes.rules_added &&
	      !p.changes.rules_removed && !p.changes.destinations &&
	      signet_tables_rule_at(p.tables, 0) &&
	      signet_tables_destination_at(p.tables, 0) && signet_tables_network_at(p.tables, 0) &&
	      signet_tables_exempt_port_at(p.tables, 0) &&
	      signet_bundle_anchors(p.bundle)->count == 1, "nothing but the default");
	signet_draft_free(d);
	policy_free(&p);

	d = begin_with(base);
	CHECK(!signet_draft_remove(d, true, &why) && !fill(d) &&
	      !signet_draft_remove(d, false, &why) &&
	      !signet_draft_add_root(d, certificate_der(root), &why) &&
	      !one_rule(d, WEB, CLIENT, 80) && !finish(d, &p), "%s", why);
	signet_draft_free(d);
	CHECK(p.changes.rules_added && p.changes.rules_removed && p.changes.destinations, "changes");
	CHECK(signet_tables_inbound(p.tables, WEB, CLIENT, 80) &&
	      !signet_tables_inbound(p.tables, WEB, CLIENT, 443), "one rule for another");
	CHECK(!signet_tables_rule_at(p.tables, 1) && !signet_tables_destination_at(p.tables, 0) &&
	      !signet_tables_network_at(p.tables, 0) && !signet_tables_exempt_port_at(p.tables, 0) &&
	      signet_bundle_anchors(p.bundle)->count == 1, "the rest is gone");
	policy_free(&p);
}

/* What is removed must be there, in each of its words. */
static void removal_of_nothing(void)
{
	struct signet_range range = network;
	struct signet_draft *d = begin();
	struct policy p;

	refused(d, signet_draft_remove(d, true, &why), -EINVAL, "only from a policy in force");
	d = begin_with(base);
	CHECK(!signet_draft_add_exempt_port(d, 80, &why), "%s", why);
	refused(d, signet_draft_remove(d, true, &why), -EINVAL, "comes first");
	d = begin_to_remove();
	CHECK(!one_rule(d, WEB, CLIENT, 443) && !signet_draft_remove(d, false, &why), "%s", why);
	refused(d, signet_draft_add_exempt_port(d, 80, &why), -ENOENT, "is not in the policy");
	d = begin_to_remove();
	CHECK(!signet_draft_open_rule(d, WEB, "policy", &why), "%s", why);
	refused(d, signet_draft_remove(d, false, &why), -EINVAL, "isn't complete");
	d = begin_to_remove();
	CHECK(!one_rule(d, WEB, CLIENT, 443), "a rule with another client less");
	refused(d, finish(d, &p), -ENOENT, "is not in the policy");
	d = begin_to_remove();
	CHECK(!one_destination(d, &network, WEB), "a destination elsewhere");
	refused(d, finish(d, &p), -ENOENT, "is not in the policy");
	d = begin_to_remove();
	range.prefix_length = 9;
	CHECK(!signet_draft_add_network(d, &range, &why), "another network");
	refused(d, finish(d, &p), -ENOENT, "is not in the policy");
	d = begin_to_remove();
	CHECK(!signet_draft_add_exempt_port(d, 23, &why), "another port");
	refused(d, finish(d, &p), -ENOENT, "is not in the policy");
	d = begin_to_remove();
	CHECK(!signet_draft_add_root(d, certificate_der(root), &why), "the only root");
	refused(d, finish(d, &p), -EINVAL, "at least one root");
}

/* Nothing but what a change names counts against its limits, and all that it leaves does. */
static void removal_at_a_limit(void)
{
	struct signet_range range = network;
	struct signet_draft *d = begin();
	struct policy full, p;
	int err = signet_draft_add_root(d, certificate_der(root), &why);

	range.prefix_length = 24;
	for (size_t i = 0; i < SIGNET_NETWORKS_MAX && !err; i++) {
		range.base.address[1] = i >> 8;
		range.base.address[2] = (u8)i;
		err = signet_draft_add_network(d, &range, &why);
	}
	CHECK(!err && !finish(d, &full), "%s", why);
	signet_draft_free(d);
	d = begin_with(&full);
	refused(d, signet_draft_add_network(d, &network, &why), -E2BIG, "4096 networks");
	d = begin_with(&full);
	CHECK(!signet_draft_remove(d, true, &why) && !signet_draft_add_network(d, &range, &why) &&
	      !signet_draft_remove(d, false, &why) &&
	      !signet_draft_add_network(d, &network, &why) && !finish(d, &p), "%s", why);
	signet_draft_free(d);
	policy_free(&p);
	policy_free(&full);
}


static void without_memory(const struct policy *policy)
{
	size_t before = signet_allocations_live(), nth;
	bool filled = false;

	for (nth = 1; !filled && nth < 1000; nth++) {
		struct policy made = {};
		struct signet_draft *d;
		int err;

		signet_fail_allocation(nth);
		d = policy ? begin_with(policy) : begin();
		if (d && policy)
			signet_draft_remove(d, true, &why);
		err = d ? fill(d) : -ENOMEM;
		/* It was all removed. */
		if (!err && policy && !(err = signet_draft_remove(d, false, &why)))
			err = fill(d);
		if (!err)
			err = finish(d, &made);
		filled = !err;
		signet_fail_allocation(0);
		CHECK(filled || (err == -ENOMEM && !why), "allocation %zu: %d", nth, err);
		policy_free(&made);
		signet_draft_free(d);
		CHECK(signet_allocations_live() == before, "allocation %zu failed: %zu left", nth,
		      signet_allocations_live());
	}
	CHECK(filled && nth > 25, "each of %zu allocations failed once", nth);
}

static void with_a_base(void)
{
	struct signet_draft *d = begin();
	struct policy p;

	CHECK(!fill(d) && !finish(d, &p), "%s", why);
	signet_draft_free(d);
	base = &p;
	removal();
	removal_of_nothing();
	removal_at_a_limit();
	without_memory(base);
	policy_free(&p);
}

int main(void)
{
	root = certificate_make(&root_order, NULL);
	items();
	rules();
	destinations();
	limits();
	combinations();
	unfinished();
	whole();
	without_memory(NULL);
	with_a_base();
	certificate_free(root);
	signet_draft_free(NULL);
	CHECK(!signet_allocations_live(), "nothing is left allocated");
	return test_end("draft");
}
