// SPDX-License-Identifier: GPL-2.0
/* Policy decisions: what the sentences of tables.h promise, one by one. */
#include "core/policy/tables.h"
#include "platform_user.h"
#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WEB "spiffe://demo.test/web"
#define CLIENT "spiffe://demo.test/client"
#define BATCH "spiffe://demo.test/batch"
#define OTHER "spiffe://demo.test/other"

static struct signet_endpoint endpoint(const char *address, u16 port)
{
	struct signet_endpoint e = { .port = port, .len = strchr(address, ':') ? 16 : 4 };

	if (inet_pton(e.len == 16 ? AF_INET6 : AF_INET, address, e.address) != 1)
		abort();
	return e;
}

static struct signet_range range(const char *address, u8 prefix_length, u16 port)
{
	return (struct signet_range){ endpoint(address, port), prefix_length };
}

static int network(struct signet_tables *tables, const char *address, u8 prefix_length)
{
	struct signet_range r = range(address, prefix_length, 0);

	return signet_tables_add_network(tables, &r);
}

static int rule(struct signet_tables *tables, const char *subject, const char *from, u16 port)
{
	struct signet_tables_rule r = { subject, "policy", &from, 1, &port, port ? 1 : 0 };

	return signet_tables_add_rule(tables, &r);
}

static int destination(struct signet_tables *tables, const char *address, u8 prefix_length,
		       u16 port, const char *identity)
{
	struct signet_range r = range(address, prefix_length, port);
	struct signet_tables_destination d = { "destination", &r, 1, &identity, 1 };

	return signet_tables_add_destination(tables, &d);
}

static bool outbound_covered(const struct signet_tables *tables, const char *address, u16 port)
{
	struct signet_endpoint local = endpoint("192.0.2.1", 40000), remote = endpoint(address, port);

	return signet_tables_covers(tables, SIGNET_OUTBOUND, &local, &remote);
}

static bool inbound_covered(const struct signet_tables *tables, const char *address, u16 port)
{
	struct signet_endpoint local = endpoint(address, port), remote = endpoint("192.0.2.1", 40000);

	return signet_tables_covers(tables, SIGNET_INBOUND, &local, &remote);
}

static bool answers(const struct signet_tables *tables, const char *address, u16 port,
		    const char *server)
{
	struct signet_endpoint remote = endpoint(address, port);

	return signet_tables_outbound(tables, &remote, server);
}

static void scope(void)
{
	struct signet_tables *a = signet_tables_new(true);

	CHECK(!outbound_covered(a, "10.0.0.1", 80), "an empty scope covers nothing");
	CHECK(!network(a, "10.1.0.0", 16) && !network(a, "fd00::", 8), "networks");
	CHECK(!signet_tables_add_exempt_port(a, 22), "exempt port");
	CHECK(!destination(a, "198.51.100.7", 32, 5432, WEB), "destination");

	CHECK(outbound_covered(a, "10.1.0.0", 80), "first address");
	CHECK(outbound_covered(a, "10.1.255.255", 80), "last address");
	CHECK(!outbound_covered(a, "10.0.255.255", 80), "one before");
	CHECK(!outbound_covered(a, "10.2.0.0", 80), "one after");
	CHECK(outbound_covered(a, "::ffff:10.1.2.3", 80), "IPv4 in IPv6");
	CHECK(outbound_covered(a, "fdff::1", 80), "IPv6");
	CHECK(!outbound_covered(a, "fe00::1", 80), "IPv6 outside");
	CHECK(!outbound_covered(a, "10.1.0.1", 22), "exempt port outbound");
	CHECK(!inbound_covered(a, "10.1.0.1", 22), "exempt port inbound");
	CHECK(inbound_covered(a, "10.1.0.1", 80), "inbound");
	CHECK(!inbound_covered(a, "192.0.2.9", 80), "inbound elsewhere");
	CHECK(outbound_covered(a, "198.51.100.7", 5432), "destination's port");
	CHECK(!outbound_covered(a, "198.51.100.7", 5433), "another port there");
	CHECK(!inbound_covered(a, "198.51.100.7", 5432), "a destination is for outbound");
	signet_tables_free(a);
}

static void exempt_ports_are_the_right_ones(void)
{
	struct signet_tables *a = signet_tables_new(true);
	struct signet_endpoint here = endpoint("10.0.0.1", 22), there = endpoint("10.0.0.2", 80);

	CHECK(!network(a, "10.0.0.0", 8) && !signet_tables_add_exempt_port(a, 22), "policy");
	CHECK(signet_tables_covers(a, SIGNET_OUTBOUND, &here, &there),
	      "a local port chosen to be exempt doesn't get out of the scope");
	CHECK(signet_tables_covers(a, SIGNET_INBOUND, &there, &here),
	      "nor does a peer's port get in");
	CHECK(signet_tables_add_exempt_port(a, 0) == -EINVAL, "port 0");
	signet_tables_free(a);
}

static void loopback(void)
{
	struct signet_tables *a = signet_tables_new(true);

	CHECK(!network(a, "0.0.0.0", 0) && !network(a, "::", 0), "everything");
	CHECK(outbound_covered(a, "8.8.8.8", 80) && outbound_covered(a, "2001:db8::1", 80), "is in");
	CHECK(!outbound_covered(a, "127.0.0.1", 80) && !outbound_covered(a, "::1", 80) &&
	      !outbound_covered(a, "::ffff:127.0.0.1", 80), "but loopback");
	CHECK(!outbound_covered(a, "0.0.0.0", 80) && !outbound_covered(a, "::", 80),
	      "and what means it");
	CHECK(!inbound_covered(a, "127.0.0.1", 80), "inbound too");
	CHECK(!network(a, "127.0.0.0", 8) && outbound_covered(a, "127.0.0.1", 80), "unless named");
	CHECK(!outbound_covered(a, "::1", 80), "in that family");
	CHECK(!network(a, "::1", 128) && outbound_covered(a, "::1", 80), "and the other");
	signet_tables_free(a);
}

static void destinations(void)
{
	struct signet_tables *a = signet_tables_new(true);

	CHECK(!destination(a, "10.0.0.0", 8, 0, WEB), "wide");
	CHECK(!destination(a, "10.1.0.0", 16, 0, CLIENT), "narrower");
	CHECK(!destination(a, "10.1.0.0", 16, 5432, BATCH), "with a port");
	CHECK(!destination(a, "fd00::", 64, 0, WEB), "IPv6");

	CHECK(answers(a, "10.9.0.1", 80, WEB) && !answers(a, "10.9.0.1", 80, CLIENT), "wide");
	CHECK(answers(a, "10.1.0.1", 80, CLIENT) && !answers(a, "10.1.0.1", 80, WEB),
	      "the longest prefix alone");
	CHECK(answers(a, "10.1.0.1", 5432, BATCH) && !answers(a, "10.1.0.1", 5432, CLIENT),
	      "of one prefix the port");
	CHECK(answers(a, "fd00::1", 80, WEB) && !answers(a, "fd00::1", 80, OTHER), "IPv6");
	CHECK(answers(a, "192.0.2.1", 80, OTHER), "elsewhere any SVID");
	CHECK(!answers(a, "::ffff:10.9.0.1", 80, OTHER), "IPv4 in IPv6 is IPv4");
	CHECK(!destination(a, "10.1.0.0", 16, 5432, OTHER) && answers(a, "10.1.0.1", 5432, BATCH) &&
	      answers(a, "10.1.0.1", 5432, OTHER), "several of one place add up");
	CHECK(!destination(a, "10.1.255.9", 16, 0, WEB) && answers(a, "10.1.0.1", 80, WEB),
	      "bits beyond the prefix don't matter");
	CHECK(!destination(a, "::ffff:10.7.0.0", 112, 0, BATCH) &&
	      answers(a, "10.7.1.1", 80, BATCH) && !answers(a, "10.7.1.1", 80, WEB),
	      "a range of IPv4 in IPv6 is of IPv4");
	signet_tables_free(a);
}

static void rules(void)
{
	struct signet_tables *deny = signet_tables_new(true), *allow = signet_tables_new(false);

	CHECK(signet_tables_default_deny(deny) && !signet_tables_default_deny(allow), "defaults");
	CHECK(!signet_tables_inbound(deny, WEB, CLIENT, 80), "without a rule");
	CHECK(signet_tables_inbound(allow, WEB, CLIENT, 80), "allowed where that is the default");
	CHECK(!rule(deny, WEB, CLIENT, 443) && !rule(deny, WEB, BATCH, 0), "rules");
	CHECK(!rule(allow, WEB, CLIENT, 443), "rule");

	CHECK(signet_tables_inbound(deny, WEB, CLIENT, 443), "its port");
	CHECK(!signet_tables_inbound(deny, WEB, CLIENT, 80), "another port");
	CHECK(!signet_tables_inbound(deny, WEB, OTHER, 443), "another client");
	CHECK(signet_tables_inbound(deny, WEB, BATCH, 1) &&
	      signet_tables_inbound(deny, WEB, BATCH, 65535), "every port");
	CHECK(!signet_tables_inbound(deny, CLIENT, WEB, 443), "not the other way round");
	CHECK(!signet_tables_inbound(deny, OTHER, CLIENT, 443), "not of another subject");
	CHECK(!signet_tables_inbound(deny, WEB "/x", CLIENT, 443) &&
	      !signet_tables_inbound(deny, "spiffe://demo.test/we", CLIENT, 443) &&
	      !signet_tables_inbound(deny, WEB, CLIENT "s", 443), "no prefixes");
	CHECK(!signet_tables_inbound(allow, WEB, CLIENT, 80) &&
	      !signet_tables_inbound(allow, WEB, OTHER, 443),
	      "a rule that names the subject ends the default");
	CHECK(signet_tables_inbound(allow, CLIENT, WEB, 80), "a client isn't a subject");
	signet_tables_free(deny);
	signet_tables_free(allow);
}

static void bad_input(void)
{
	static const char *const nobody = "demo.test/web";
	const char *client = CLIENT;
	const u16 zero = 0;
	struct signet_tables *a = signet_tables_new(true);
	struct signet_range r = range("10.0.0.0", 33, 0);
	struct signet_tables_rule without = { WEB, "p", NULL, 0, NULL, 0 };
	struct signet_tables_rule port_zero = { WEB, "p", &client, 1, &zero, 1 };
	struct signet_tables_destination empty = { "d", &r, 1, NULL, 0 };

	CHECK(signet_tables_add_network(a, &r) == -EINVAL, "prefix of 33 bits");
	r = range("10.0.0.0", 8, 80);
	CHECK(signet_tables_add_network(a, &r) == -EINVAL, "network with a port");
	r.base.len = 5;
	r.base.port = 0;
	CHECK(signet_tables_add_network(a, &r) == -EINVAL, "address of 5 bytes");
	CHECK(signet_tables_add_rule(a, &without) == -EINVAL, "rule without client");
	CHECK(signet_tables_add_rule(a, &port_zero) == -EINVAL, "port 0");
	CHECK(signet_tables_add_destination(a, &empty) == -EINVAL, "nobody to answer");
	CHECK(rule(a, nobody, CLIENT, 80) == -EINVAL, "no SPIFFE ID as subject");
	CHECK(rule(a, WEB, nobody, 80) == -EINVAL, "no SPIFFE ID as client");
	CHECK(destination(a, "10.0.0.1", 32, 0, nobody) == -EINVAL, "no SPIFFE ID to answer");
	signet_tables_free(a);
	signet_tables_free(NULL);
}

static void dumps(void)
{
	struct signet_tables *a = signet_tables_new(true);
	const struct signet_tables_destination *d;
	const struct signet_tables_rule *r;

	CHECK(!signet_tables_rule_at(a, 0) && !signet_tables_destination_at(a, 0) &&
	      !signet_tables_network_at(a, 0) && !signet_tables_exempt_port_at(a, 0), "empty");
	CHECK(!network(a, "10.1.2.3", 8) && !signet_tables_add_exempt_port(a, 22) &&
	      !rule(a, WEB, CLIENT, 443) && !destination(a, "10.0.0.1", 32, 80, WEB), "filled");
	r = signet_tables_rule_at(a, 0);
	CHECK(r && !strcmp(r->subject, WEB) && r->from_count == 1 && !strcmp(r->from[0], CLIENT) &&
	      r->port_count == 1 && r->ports[0] == 443 && !strcmp(r->policy, "policy"), "rule");
	d = signet_tables_destination_at(a, 0);
	CHECK(d && !strcmp(d->name, "destination") && d->range_count == 1 &&
	      d->ranges[0].base.port == 80 && d->identity_count == 1 &&
	      !strcmp(d->identities[0], WEB), "destination");
	CHECK(signet_tables_network_at(a, 0)->prefix_length == 8, "network");
	CHECK(*signet_tables_exempt_port_at(a, 0) == 22, "exempt port");
	CHECK(!signet_tables_rule_at(a, 1) && !signet_tables_exempt_port_at(a, 1), "and no more");
	signet_tables_free(a);
}

static bool fill(struct signet_tables **a)
{
	*a = signet_tables_new(true);
	return *a && !network(*a, "10.0.0.0", 8) && !signet_tables_add_exempt_port(*a, 22) &&
	       !rule(*a, WEB, CLIENT, 443) && !rule(*a, WEB, BATCH, 0) &&
	       !destination(*a, "10.0.0.1", 32, 80, WEB);
}

static void without_memory(void)
{
	struct signet_tables *a;
	size_t nth = 0;
	bool filled;

	do {
		signet_fail_allocation(++nth);
		filled = fill(&a);
		signet_fail_allocation(0);
		signet_tables_free(a);
		CHECK(!signet_allocations_live(), "allocation %zu failed: %zu left", nth,
		      signet_allocations_live());
	} while (!filled && nth < 1000);
	CHECK(filled && nth > 20, "each of %zu allocations failed once", nth);
}

static double decision_ns(size_t rule_count)
{
	struct signet_tables *a = signet_tables_new(true);
	struct signet_endpoint local = endpoint("10.255.0.1", 443);
	struct timespec start, end;
	char subject[64], client[64];
	size_t rounds = 200000, allowed = 0;
	double ns, best = 0;

	network(a, "10.0.0.0", 8);
	for (size_t i = 0; i < rule_count; i++) {
		snprintf(subject, sizeof(subject), "spiffe://demo.test/s/%08zu", i / 10);
		snprintf(client, sizeof(client), "spiffe://demo.test/c/%08zu", i);
		rule(a, subject, client, 443);
	}
	/* The best of five: others use this machine too. */
	for (int attempt = 0; attempt < 5; attempt++) {
		clock_gettime(CLOCK_MONOTONIC, &start);
		for (size_t i = 0; i < rounds; i++) {
			local.address[3] = (u8)i;
			allowed += signet_tables_covers(a, SIGNET_INBOUND, &local, &local) &&
				   signet_tables_inbound(a, subject, client, 443);
		}
		clock_gettime(CLOCK_MONOTONIC, &end);
		ns = ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / rounds;
		if (!attempt || ns < best)
			best = ns;
	}
	CHECK(allowed == 5 * rounds, "the last rule of %zu allows", rule_count);
	signet_tables_free(a);
	return best;
}

static void cost(void)
{
	double few = decision_ns(10), many = decision_ns(100000);

	printf("tables: a decision takes %.0f ns among 10 rules, %.0f ns among 100,000\n", few, many);
	CHECK(many < 3 * few, "%.0f ns among 100,000 rules, %.0f among 10", many, few);
}

int main(void)
{
	scope();
	exempt_ports_are_the_right_ones();
	loopback();
	destinations();
	rules();
	bad_input();
	dumps();
	without_memory();
	cost();
	return test_end("tables");
}
