// SPDX-License-Identifier: GPL-2.0
#include "netlink/policy_parse.h"

#include "core/policy/draft.h"
#include "core/policy/revocation_set.h"
#include "netlink/family.h"
#include "netlink/generated/attributes.h"
#include "policy/load.h"

static u32 u32_or(const struct nlattr *attr, u32 otherwise)
{
	return attr ? nla_get_u32(attr) : otherwise;
}

static const char *text_of(const struct nlattr *attr)
{
	return attr ? nla_data(attr) : NULL;
}

int signet_policy_parse_head(struct signet_policy_head *head, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	const struct nlattr *deny = tb[SIGNET_A_POLICY_DEFAULT_DENY];
	const struct nlattr *base = tb[SIGNET_A_POLICY_BASE];

	if (GENL_REQ_ATTR_CHECK(info, SIGNET_A_POLICY_DATABASE_EPOCH) ||
	    GENL_REQ_ATTR_CHECK(info, SIGNET_A_POLICY_REVISION) ||
	    GENL_REQ_ATTR_CHECK(info, SIGNET_A_POLICY_TRUST_DOMAIN)) {
		GENL_SET_ERR_MSG(info, "a policy needs database-epoch, revision and trust-domain");
		return -EINVAL;
	}
	if (base && !nla_get_u64(base)) {
		NL_SET_ERR_MSG_ATTR(info->extack, base, "revision 0 can't be changed");
		return -EINVAL;
	}
	*head = (struct signet_policy_head){
		.trust_domain = nla_data(tb[SIGNET_A_POLICY_TRUST_DOMAIN]),
		.database_epoch = nla_data(tb[SIGNET_A_POLICY_DATABASE_EPOCH]),
		.revision = nla_get_u64(tb[SIGNET_A_POLICY_REVISION]),
		.base = base ? nla_get_u64(base) : 0,
		/* Without a word on it unnamed clients are refused. */
		.default_deny = deny ? nla_get_u8(deny) : true,
		.unidentified = u32_or(tb[SIGNET_A_POLICY_UNIDENTIFIED],
				       SIGNET_UNIDENTIFIED_DENY),
		.max_session_age_s = u32_or(tb[SIGNET_A_POLICY_MAX_SESSION_AGE_S], 0),
		.handshake_timeout_ms = u32_or(tb[SIGNET_A_POLICY_HANDSHAKE_TIMEOUT_MS], 0),
	};
	return 0;
}

static int parse_range(struct signet_range *range, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(signet_range_nl_policy)];
	const struct nlattr *address, *prefix_length;
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, attr, signet_range_nl_policy, extack);
	if (err)
		return err;
	memset(range, 0, sizeof(*range));
	address = tb[SIGNET_A_RANGE_ADDRESS];
	if (address) {
		range->base.len = nla_len(address);
		memcpy(range->base.address, nla_data(address),
		       min_t(size_t, range->base.len, sizeof(range->base.address)));
	}
	prefix_length = tb[SIGNET_A_RANGE_PREFIX_LENGTH];
	range->prefix_length = prefix_length ? nla_get_u8(prefix_length) : 8 * range->base.len;
	if (tb[SIGNET_A_RANGE_PORT])
		range->base.port = nla_get_u16(tb[SIGNET_A_RANGE_PORT]);
	return 0;
}

static int add_network(struct signet_draft *draft, const struct nlattr *attr,
		       struct netlink_ext_ack *extack, const char **why)
{
	struct signet_range range;
	int err = parse_range(&range, attr, extack);

	return err ? err : signet_draft_add_network(draft, &range, why);
}

static int add_rule(struct signet_draft *draft, const struct nlattr *nest,
		    struct netlink_ext_ack *extack, const char **why)
{
	struct nlattr *tb[ARRAY_SIZE(signet_rule_nl_policy)];
	const struct nlattr *attr;
	int rest, err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, nest, signet_rule_nl_policy, extack);
	if (!err)
		err = signet_draft_open_rule(draft, text_of(tb[SIGNET_A_RULE_SUBJECT]),
					     text_of(tb[SIGNET_A_RULE_POLICY]), why);
	if (err)
		return err;
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) == SIGNET_A_RULE_FROM)
			err = signet_draft_add_client(draft, nla_data(attr), why);
		else if (nla_type(attr) == SIGNET_A_RULE_PORT)
			err = signet_draft_add_port(draft, nla_get_u16(attr), why);
		if (err)
			return err;
	}
	return tb[SIGNET_A_RULE_MORE] ? 0 : signet_draft_close_rule(draft, why);
}

static int add_place(struct signet_draft *draft, const struct nlattr *attr,
		     struct netlink_ext_ack *extack, const char **why)
{
	struct signet_range range;
	int err = parse_range(&range, attr, extack);

	return err ? err : signet_draft_add_range(draft, &range, why);
}

static int add_destination(struct signet_draft *draft, const struct nlattr *nest,
			   struct netlink_ext_ack *extack, const char **why)
{
	struct nlattr *tb[ARRAY_SIZE(signet_destination_nl_policy)];
	const struct nlattr *attr;
	int rest, err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, nest, signet_destination_nl_policy, extack);
	if (!err)
		err = signet_draft_open_destination(draft, text_of(tb[SIGNET_A_DESTINATION_NAME]),
						    why);
	if (err)
		return err;
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) == SIGNET_A_DESTINATION_RANGE)
			err = add_place(draft, attr, extack, why);
		else if (nla_type(attr) == SIGNET_A_DESTINATION_IDENTITY)
			err = signet_draft_add_identity(draft, nla_data(attr), why);
		if (err)
			return err;
	}
	return tb[SIGNET_A_DESTINATION_MORE] ? 0 : signet_draft_close_destination(draft, why);
}

static int parse_revocation(struct signet_revocation *revocation, const struct nlattr *attr,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(signet_revocation_nl_policy)];
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, attr, signet_revocation_nl_policy, extack);
	if (err)
		return err;
	revocation->id = tb[SIGNET_A_REVOCATION_ID] ?
				 nla_get_u64(tb[SIGNET_A_REVOCATION_ID]) : 0;
	revocation->serial = text_of(tb[SIGNET_A_REVOCATION_SERIAL]);
	revocation->spiffe_id = text_of(tb[SIGNET_A_REVOCATION_SPIFFE_ID]);
	return 0;
}

static bool removes(struct genl_info *info)
{
	return info->attrs[SIGNET_A_POLICY_REMOVE];
}

static int lift(struct signet_policy_slot *slot, const struct nlattr *attr,
		struct netlink_ext_ack *extack, const char **why)
{
	struct signet_revocation revocation;
	int err = parse_revocation(&revocation, attr, extack);

	return err ? err : signet_policy_lift(slot, &revocation, why);
}

static int take_item(struct signet_draft *draft, const struct nlattr *attr,
		     struct netlink_ext_ack *extack, const char **why)
{
	const struct signet_bytes bytes = { nla_data(attr), nla_len(attr) };

	switch (nla_type(attr)) {
	case SIGNET_A_POLICY_ROOT:
		return signet_draft_add_root(draft, bytes, why);
	case SIGNET_A_POLICY_MESH_CIDR:
		return add_network(draft, attr, extack, why);
	case SIGNET_A_POLICY_EXEMPT_PORT:
		return signet_draft_add_exempt_port(draft, nla_get_u16(attr), why);
	case SIGNET_A_POLICY_RULE:
		return add_rule(draft, attr, extack, why);
	case SIGNET_A_POLICY_DESTINATION:
		return add_destination(draft, attr, extack, why);
	default:
		/* Of the head, or a revocation that holds already. */
		return 0;
	}
}

int signet_policy_parse_items(struct signet_policy_slot *slot, struct genl_info *info)
{
	struct signet_draft *draft = signet_policy_draft(slot);
	struct netlink_ext_ack *extack = info->extack;
	const struct nlattr *attr;
	const char *why = NULL;
	int rest, err;

	err = signet_draft_remove(draft, removes(info), &why);
	if (err) {
		signet_netlink_fault(extack, NULL, why);
		return err;
	}
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (removes(info) && nla_type(attr) == SIGNET_A_POLICY_REVOCATION)
			err = lift(slot, attr, extack, &why);
		else
			err = take_item(draft, attr, extack, &why);
		if (!err)
			continue;
		if (!why && (!extack || !extack->_msg))
			why = "this can't be added to the policy";
		signet_netlink_fault(extack, attr, why);
		return err;
	}
	return 0;
}

static bool is_added_revocation(struct genl_info *info, const struct nlattr *attr)
{
	return nla_type(attr) == SIGNET_A_POLICY_REVOCATION && !removes(info);
}

int signet_policy_parse_revocations(struct signet_revocation **revocations, size_t *count,
				    struct genl_info *info)
{
	struct signet_revocation *all;
	const struct nlattr *attr;
	const char *why = NULL;
	size_t found = 0, i = 0;
	int rest, err = 0;

	*revocations = NULL;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest)
		found += is_added_revocation(info, attr);
	*count = found;
	if (!found)
		return 0;
	all = kvmalloc_array(found, sizeof(*all), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (!is_added_revocation(info, attr))
			continue;
		err = parse_revocation(&all[i], attr, info->extack);
		if (!err)
			err = signet_revocation_check(&all[i++], &why);
		if (err) {
			signet_netlink_fault(info->extack, attr, why);
			kvfree(all);
			return err;
		}
	}
	*revocations = all;
	return 0;
}

bool signet_policy_parse_is_change(struct genl_info *info)
{
	const struct nlattr *attr;
	int rest;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest)
		if (!is_added_revocation(info, attr))
			return true;
	return false;
}
