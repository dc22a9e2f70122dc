// SPDX-License-Identifier: GPL-2.0
#include "policy/load.h"

#include <linux/slab.h>
#include <net/genetlink.h>

#include "core/policy/revocation_set.h"
#include "core/policy/tables.h"
#include "policy/slot.h"
#include "netlink/generated/attributes.h"
#include "policy/policy.h"
#include "policy/revocation.h"

bool signet_trust_domain_valid(const char *name)
{
	static const char scheme[] = "spiffe://";
	char id[sizeof(scheme) + SIGNET_MAX_TRUST_DOMAIN];
	size_t path;
	int len;

	len = snprintf(id, sizeof(id), "%s%s", scheme, name);
	return len < sizeof(id) && signet_spiffe_id_valid(id, len, &path) && path == len;
}

void signet_policy_abort(struct signet_policy_slot *slot)
{
	signet_policy_put(slot->draft);
	slot->draft = NULL;
}

static bool goes_back(const struct signet_policy *now, const char *epoch, u64 revision)
{
	return now && !strcmp(now->database_epoch, epoch) && revision < now->revision;
}

static u32 u32_or(const struct nlattr *attr, u32 otherwise)
{
	u32 value = attr ? nla_get_u32(attr) : 0;

	return value ? value : otherwise;
}

int signet_policy_begin(struct signet_policy_slot *slot, struct nlattr **tb,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *epoch = tb[SIGNET_A_POLICY_DATABASE_EPOCH];
	const struct nlattr *revision = tb[SIGNET_A_POLICY_REVISION];
	const struct nlattr *domain = tb[SIGNET_A_POLICY_TRUST_DOMAIN];
	const struct nlattr *deny = tb[SIGNET_A_POLICY_DEFAULT_DENY];
	struct signet_policy *draft, *now;

	lockdep_assert_held(&slot->lock);
	signet_policy_abort(slot);
	if (NL_REQ_ATTR_CHECK(extack, NULL, tb, SIGNET_A_POLICY_DATABASE_EPOCH) ||
	    NL_REQ_ATTR_CHECK(extack, NULL, tb, SIGNET_A_POLICY_REVISION) ||
	    NL_REQ_ATTR_CHECK(extack, NULL, tb, SIGNET_A_POLICY_TRUST_DOMAIN)) {
		NL_SET_ERR_MSG(extack, "a policy needs database-epoch, revision and trust-domain");
		return -EINVAL;
	}
	if (!nla_get_u64(revision)) {
		NL_SET_ERR_MSG_ATTR(extack, revision, "revision 0 means that there is no policy");
		return -EINVAL;
	}
	if (!signet_trust_domain_valid(nla_data(domain))) {
		NL_SET_ERR_MSG_ATTR(extack, domain, "this is not the name of a trust domain");
		return -EINVAL;
	}
	now = rcu_dereference_protected(slot->in_force, lockdep_is_held(&slot->lock));
	if (goes_back(now, nla_data(epoch), nla_get_u64(revision))) {
		NL_SET_ERR_MSG_ATTR(extack, revision, "a newer revision of this epoch is in force");
		return -ESTALE;
	}

	/* Without a word on it unnamed clients are refused. */
	draft = signet_policy_new(deny ? nla_get_u8(deny) : true);
	if (!draft)
		return -ENOMEM;
	strscpy(draft->trust_domain, nla_data(domain), sizeof(draft->trust_domain));
	strscpy(draft->database_epoch, nla_data(epoch), sizeof(draft->database_epoch));
	draft->revision = nla_get_u64(revision);
	draft->unidentified = u32_or(tb[SIGNET_A_POLICY_UNIDENTIFIED], SIGNET_UNIDENTIFIED_DENY);
	draft->max_session_age_s = u32_or(tb[SIGNET_A_POLICY_MAX_SESSION_AGE_S],
					  SIGNET_SESSION_AGE_S);
	draft->handshake_timeout_ms = u32_or(tb[SIGNET_A_POLICY_HANDSHAKE_TIMEOUT_MS],
					     SIGNET_HANDSHAKE_TIMEOUT_MS);
	slot->draft = draft;
	return 0;
}

static int add_root(struct signet_policy *draft, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	struct signet_certificate *root = &draft->roots[draft->anchors.count];
	enum signet_x509_fault fault;
	u8 *der;

	if (draft->anchors.count >= SIGNET_ROOTS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a policy has at most 16 roots");
		return -E2BIG;
	}
	der = kmemdup(nla_data(attr), nla_len(attr), GFP_KERNEL);
	if (!der)
		return -ENOMEM;
	fault = signet_certificate_parse(root, der, nla_len(attr));
	if (fault == SIGNET_X509_OK && !root->ca)
		fault = SIGNET_X509_NOT_CA;
	if (fault != SIGNET_X509_OK) {
		kfree(der);
		NL_SET_ERR_MSG_ATTR(extack, attr, "this root is not a CA certificate");
		if (extack)
			extack->_msg = signet_x509_fault_text(fault);
		return fault == SIGNET_X509_NO_MEMORY ? -ENOMEM : -EKEYREJECTED;
	}
	draft->root_der[draft->anchors.count++] = der;
	return 0;
}

static int parse_range(struct signet_range *range, const struct nlattr *attr, bool port_allowed,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(signet_range_nl_policy)];
	const struct nlattr *address;
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, attr, signet_range_nl_policy, extack);
	if (err)
		return err;
	memset(range, 0, sizeof(*range));
	address = tb[SIGNET_A_RANGE_ADDRESS];
	if (!address || (nla_len(address) != 4 && nla_len(address) != 16)) {
		NL_SET_ERR_MSG_ATTR(extack, address ? address : attr,
				    "a range needs an address of 4 or 16 bytes");
		return -EINVAL;
	}
	range->base.len = nla_len(address);
	memcpy(range->base.address, nla_data(address), range->base.len);
	range->prefix_length = tb[SIGNET_A_RANGE_PREFIX_LENGTH] ?
				       nla_get_u8(tb[SIGNET_A_RANGE_PREFIX_LENGTH]) :
				       8 * range->base.len;
	if (range->prefix_length > 8 * range->base.len) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SIGNET_A_RANGE_PREFIX_LENGTH],
				    "the prefix is longer than the address");
		return -EINVAL;
	}
	if (tb[SIGNET_A_RANGE_PORT])
		range->base.port = nla_get_u16(tb[SIGNET_A_RANGE_PORT]);
	if (range->base.port && !port_allowed) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SIGNET_A_RANGE_PORT], "a network has no port");
		return -EINVAL;
	}
	return 0;
}

static int add_network(struct signet_policy *draft, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	struct signet_range range;
	int err;

	if (signet_tables_network_at(draft->tables, SIGNET_NETWORKS_MAX - 1)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a policy has at most 4096 networks");
		return -E2BIG;
	}
	err = parse_range(&range, attr, false, extack);
	return err ? err : signet_tables_add_network(draft->tables, &range);
}

static int add_exempt_port(struct signet_policy *draft, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	if (!nla_get_u16(attr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "port 0 is none");
		return -EINVAL;
	}
	if (signet_tables_exempt_port_at(draft->tables, SIGNET_EXEMPT_PORTS_MAX - 1)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a policy has at most 4096 exempt ports");
		return -E2BIG;
	}
	return signet_tables_add_exempt_port(draft->tables, nla_get_u16(attr));
}

/* A whole SPIFFE ID with a path; of any trust domain, as a rule may name a guest. */
static int check_id(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const char *id = nla_data(attr);
	size_t len = strlen(id);
	size_t path;

	if (signet_spiffe_id_valid(id, len, &path) && path < len)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "this is not a SPIFFE ID with a path");
	return -EINVAL;
}

static size_t count_attrs(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;
	size_t count = 0;
	int rest;

	nla_for_each_nested(attr, nest, rest)
		if (nla_type(attr) == type)
			count++;
	return count;
}

/* The SPIFFE IDs in a nest; they point into it. The caller frees *@ids. */
static int collect_ids(const struct nlattr *nest, int type, const char ***ids, size_t *count,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rest, err;

	*count = 0;
	*ids = kvmalloc_array(max_t(size_t, count_attrs(nest, type), 1), sizeof(**ids),
			      GFP_KERNEL);
	if (!*ids)
		return -ENOMEM;
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) != type)
			continue;
		err = check_id(attr, extack);
		if (err)
			return err;
		(*ids)[(*count)++] = nla_data(attr);
	}
	return 0;
}

static int collect_ports(const struct nlattr *nest, u16 **ports, size_t *count,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rest;

	*count = 0;
	*ports = kvmalloc_array(max_t(size_t, count_attrs(nest, SIGNET_A_RULE_PORT), 1),
				sizeof(**ports), GFP_KERNEL);
	if (!*ports)
		return -ENOMEM;
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) != SIGNET_A_RULE_PORT)
			continue;
		if (!nla_get_u16(attr)) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "port 0 is none");
			return -EINVAL;
		}
		(*ports)[(*count)++] = nla_get_u16(attr);
	}
	return 0;
}

static int add_rule(struct signet_policy *draft, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(signet_rule_nl_policy)];
	struct signet_tables_rule rule = { .policy = "" };
	const char **from = NULL;
	u16 *ports = NULL;
	int err;

	if (signet_tables_rule_at(draft->tables, SIGNET_RULES_MAX - 1)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a policy has at most 262144 rules");
		return -E2BIG;
	}
	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, attr, signet_rule_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SIGNET_A_RULE_SUBJECT] || !tb[SIGNET_A_RULE_FROM]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a rule needs a subject and at least one client");
		return -EINVAL;
	}
	err = check_id(tb[SIGNET_A_RULE_SUBJECT], extack);
	if (!err)
		err = collect_ids(attr, SIGNET_A_RULE_FROM, &from, &rule.from_count, extack);
	if (!err)
		err = collect_ports(attr, &ports, &rule.port_count, extack);
	if (!err) {
		rule.subject = nla_data(tb[SIGNET_A_RULE_SUBJECT]);
		if (tb[SIGNET_A_RULE_POLICY])
			rule.policy = nla_data(tb[SIGNET_A_RULE_POLICY]);
		rule.from = from;
		rule.ports = ports;
		err = signet_tables_add_rule(draft->tables, &rule);
	}
	kvfree(from);
	kvfree(ports);
	return err;
}

static int collect_ranges(const struct nlattr *nest, struct signet_range **ranges, size_t *count,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rest, err;

	*count = 0;
	*ranges = kvmalloc_array(max_t(size_t, count_attrs(nest, SIGNET_A_DESTINATION_RANGE), 1),
				 sizeof(**ranges), GFP_KERNEL);
	if (!*ranges)
		return -ENOMEM;
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) != SIGNET_A_DESTINATION_RANGE)
			continue;
		err = parse_range(&(*ranges)[(*count)++], attr, true, extack);
		if (err)
			return err;
	}
	return 0;
}

static int add_destination(struct signet_policy *draft, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(signet_destination_nl_policy)];
	struct signet_tables_destination destination = { .name = "" };
	struct signet_range *ranges = NULL;
	const char **identities = NULL;
	int err;

	if (signet_tables_destination_at(draft->tables, SIGNET_DESTINATIONS_MAX - 1)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a policy has at most 65536 destinations");
		return -E2BIG;
	}
	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, attr, signet_destination_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SIGNET_A_DESTINATION_RANGE] || !tb[SIGNET_A_DESTINATION_IDENTITY]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a destination needs at least one range and one identity");
		return -EINVAL;
	}
	err = collect_ranges(attr, &ranges, &destination.range_count, extack);
	if (!err)
		err = collect_ids(attr, SIGNET_A_DESTINATION_IDENTITY, &identities,
				  &destination.identity_count, extack);
	if (!err) {
		if (tb[SIGNET_A_DESTINATION_NAME])
			destination.name = nla_data(tb[SIGNET_A_DESTINATION_NAME]);
		destination.ranges = ranges;
		destination.identities = identities;
		err = signet_tables_add_destination(draft->tables, &destination);
	}
	kvfree(ranges);
	kvfree(identities);
	return err;
}

static int add_revocation(struct signet_policy *draft, const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	struct signet_revocation revocation;
	int err = signet_revocation_parse(&revocation, attr, extack);

	if (err)
		return err;
	/* Nobody else has the draft. */
	return signet_revocations_add(rcu_dereference_protected(draft->revocations, true),
				      &revocation);
}

static int add_one(struct signet_policy *draft, const struct nlattr *attr,
		   struct netlink_ext_ack *extack)
{
	switch (nla_type(attr)) {
	case SIGNET_A_POLICY_ROOT:
		return add_root(draft, attr, extack);
	case SIGNET_A_POLICY_MESH_CIDR:
		return add_network(draft, attr, extack);
	case SIGNET_A_POLICY_EXEMPT_PORT:
		return add_exempt_port(draft, attr, extack);
	case SIGNET_A_POLICY_RULE:
		return add_rule(draft, attr, extack);
	case SIGNET_A_POLICY_DESTINATION:
		return add_destination(draft, attr, extack);
	case SIGNET_A_POLICY_REVOCATION:
		return add_revocation(draft, attr, extack);
	default:
		NL_SET_ERR_MSG_ATTR(extack, attr, "this belongs into policy-begin");
		return -EINVAL;
	}
}

int signet_policy_add(struct signet_policy_slot *slot, const struct nlmsghdr *message,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rest, err;

	lockdep_assert_held(&slot->lock);
	if (!slot->draft) {
		NL_SET_ERR_MSG(extack, "no policy was begun, or an error dropped it");
		return -ENODATA;
	}
	nlmsg_for_each_attr(attr, message, GENL_HDRLEN, rest) {
		err = add_one(slot->draft, attr, extack);
		if (!err)
			continue;
		if (extack && !extack->_msg)
			NL_SET_ERR_MSG_ATTR(extack, attr, "this can't be added to the policy");
		signet_policy_abort(slot);
		return err;
	}
	return 0;
}

int signet_policy_commit(struct signet_policy_slot *slot, struct signet_policy **older,
			 struct netlink_ext_ack *extack)
{
	struct signet_policy *draft = slot->draft;

	lockdep_assert_held(&slot->lock);
	if (!draft) {
		NL_SET_ERR_MSG(extack, "no policy was begun, or an error dropped it");
		return -ENODATA;
	}
	if (!draft->anchors.count) {
		NL_SET_ERR_MSG(extack, "a policy needs at least one root");
		return -EINVAL;
	}
	slot->draft = NULL;
	*older = rcu_replace_pointer(slot->in_force, draft, lockdep_is_held(&slot->lock));
	signet_policy_changed(slot);
	return 0;
}
