// SPDX-License-Identifier: GPL-2.0
/* policy-get: the policy in force, item by item. */
#include "core/policy/revocation_set.h"
#include "core/policy/tables.h"
#include "identity/node.h"
#include "netlink/family.h"
#include "policy/policy.h"

/* What can't be cut fits into one: a root, or a rule's subject and policy with one client. */
#define MESSAGE_SIZE (SIGNET_MAX_CERTIFICATE + 1024)

int signet_policy_get_start(struct netlink_callback *cb)
{
	struct signet_dump *dump = signet_dump(cb);

	signet_dump_start(cb);
	cb->min_dump_alloc = MESSAGE_SIZE;
	dump->held = signet_policy_get(&dump->node->policy);
	return 0;
}

int signet_policy_get_done(struct netlink_callback *cb)
{
	struct signet_dump *dump = signet_dump(cb);

	signet_policy_put(dump->held);
	return signet_dump_done(cb);
}

/*
 * Each put_ of a kind writes the @index-th item: 0, -ENODATA beyond the last, -EMSGSIZE when it
 * doesn't fit. Of a rule or destination it writes what is from @within on and fits, and sets that
 * to where to go on, or to 0 when that was all.
 */

static int put_head(struct sk_buff *skb, const struct signet_policy *policy, u64 index,
		    u32 *within)
{
	if (index)
		return -ENODATA;
	return nla_put_string(skb, SIGNET_A_POLICY_DATABASE_EPOCH, policy->database_epoch) ||
	       nla_put_u64_64bit(skb, SIGNET_A_POLICY_REVISION, policy->revision,
				 SIGNET_A_POLICY_PAD) ||
	       nla_put_string(skb, SIGNET_A_POLICY_TRUST_DOMAIN, policy->trust_domain) ||
	       nla_put_u8(skb, SIGNET_A_POLICY_DEFAULT_DENY,
			  signet_tables_default_deny(policy->tables)) ||
	       nla_put_u32(skb, SIGNET_A_POLICY_UNIDENTIFIED, policy->unidentified) ||
	       nla_put_u32(skb, SIGNET_A_POLICY_MAX_SESSION_AGE_S, policy->max_session_age_s) ||
	       nla_put_u32(skb, SIGNET_A_POLICY_HANDSHAKE_TIMEOUT_MS,
			   policy->handshake_timeout_ms) ? -EMSGSIZE : 0;
}

static int put_root(struct sk_buff *skb, const struct signet_policy *policy, u64 index,
		    u32 *within)
{
	const struct signet_bytes *der;

	if (index >= policy->anchors.count)
		return -ENODATA;
	der = &policy->anchors.roots[index].der;
	return nla_put(skb, SIGNET_A_POLICY_ROOT, der->len, der->data);
}

static int put_range(struct sk_buff *skb, int type, const struct signet_range *range)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put(skb, SIGNET_A_RANGE_ADDRESS, range->base.len, range->base.address) ||
	    nla_put_u8(skb, SIGNET_A_RANGE_PREFIX_LENGTH, range->prefix_length) ||
	    (range->base.port && nla_put_u16(skb, SIGNET_A_RANGE_PORT, range->base.port)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_network(struct sk_buff *skb, const struct signet_policy *policy, u64 index,
		       u32 *within)
{
	const struct signet_range *range = signet_tables_network_at(policy->tables, index);

	return range ? put_range(skb, SIGNET_A_POLICY_MESH_CIDR, range) : -ENODATA;
}

static int put_exempt_port(struct sk_buff *skb, const struct signet_policy *policy, u64 index,
			   u32 *within)
{
	const u16 *port = signet_tables_exempt_port_at(policy->tables, index);

	return port ? nla_put_u16(skb, SIGNET_A_POLICY_EXEMPT_PORT, *port) : -ENODATA;
}

/* What an item has many of, one after the other. */
typedef int put_element(struct sk_buff *skb, const void *item, size_t index);

static int put_elements(struct sk_buff *skb, put_element *put, const void *item, size_t count,
			int more, u32 *within)
{
	u32 first = *within, at;

	for (at = first; at < count; at++) {
		void *start = skb_tail_pointer(skb);

		if (put(skb, item, at) || skb_tailroom(skb) < nla_total_size(0)) {
			nlmsg_trim(skb, start);
			break;
		}
	}
	*within = 0;
	if (at == count)
		return 0;
	*within = at;
	return at > first ? nla_put_flag(skb, more) : -EMSGSIZE;
}

/* Clients, then ports. */
static int put_rule_element(struct sk_buff *skb, const void *item, size_t index)
{
	const struct signet_tables_rule *rule = item;

	if (index < rule->from_count)
		return nla_put_string(skb, SIGNET_A_RULE_FROM, rule->from[index]);
	return nla_put_u16(skb, SIGNET_A_RULE_PORT, rule->ports[index - rule->from_count]);
}

static int put_rule(struct sk_buff *skb, const struct signet_policy *policy, u64 index,
		    u32 *within)
{
	const struct signet_tables_rule *rule = signet_tables_rule_at(policy->tables, index);
	struct nlattr *nest;
	int err;

	if (!rule)
		return -ENODATA;
	nest = nla_nest_start(skb, SIGNET_A_POLICY_RULE);
	if (!nest ||
	    (!*within && (nla_put_string(skb, SIGNET_A_RULE_SUBJECT, rule->subject) ||
			  nla_put_string(skb, SIGNET_A_RULE_POLICY, rule->policy))))
		return -EMSGSIZE;
	err = put_elements(skb, put_rule_element, rule, rule->from_count + rule->port_count,
			   SIGNET_A_RULE_MORE, within);
	if (!err)
		nla_nest_end(skb, nest);
	return err;
}

/* Ranges, then identities. */
static int put_destination_element(struct sk_buff *skb, const void *item, size_t index)
{
	const struct signet_tables_destination *destination = item;

	if (index < destination->range_count)
		return put_range(skb, SIGNET_A_DESTINATION_RANGE, &destination->ranges[index]);
	return nla_put_string(skb, SIGNET_A_DESTINATION_IDENTITY,
			      destination->identities[index - destination->range_count]);
}

static int put_destination(struct sk_buff *skb, const struct signet_policy *policy, u64 index,
			   u32 *within)
{
	const struct signet_tables_destination *destination;
	struct nlattr *nest;
	int err;

	destination = signet_tables_destination_at(policy->tables, index);
	if (!destination)
		return -ENODATA;
	nest = nla_nest_start(skb, SIGNET_A_POLICY_DESTINATION);
	if (!nest ||
	    (!*within && nla_put_string(skb, SIGNET_A_DESTINATION_NAME, destination->name)))
		return -EMSGSIZE;
	err = put_elements(skb, put_destination_element, destination,
			   destination->range_count + destination->identity_count,
			   SIGNET_A_DESTINATION_MORE, within);
	if (!err)
		nla_nest_end(skb, nest);
	return err;
}

static int write_revocation(struct sk_buff *skb, const struct signet_revocation *revocation)
{
	struct nlattr *nest = nla_nest_start(skb, SIGNET_A_POLICY_REVOCATION);

	if (!nest ||
	    nla_put_u64_64bit(skb, SIGNET_A_REVOCATION_ID, revocation->id,
			      SIGNET_A_REVOCATION_PAD) ||
	    (revocation->serial &&
	     nla_put_string(skb, SIGNET_A_REVOCATION_SERIAL, revocation->serial)) ||
	    (revocation->spiffe_id &&
	     nla_put_string(skb, SIGNET_A_REVOCATION_SPIFFE_ID, revocation->spiffe_id)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_revocation(struct sk_buff *skb, struct signet_policy_slot *slot, u64 index)
{
	const struct signet_revocation *revocation;
	int err;

	mutex_lock(&slot->revoking);
	revocation = signet_revocations_at(slot->revocations, index);
	err = revocation ? write_revocation(skb, revocation) : -ENODATA;
	mutex_unlock(&slot->revoking);
	return err;
}

static int (*const put_item[])(struct sk_buff *skb, const struct signet_policy *policy,
			       u64 index, u32 *within) = {
	put_head, put_root, put_network, put_exempt_port, put_rule, put_destination,
};

/* What the policy has, and then the revocations, which are there without a policy, too. */
static int put_next(struct sk_buff *skb, struct signet_dump *dump)
{
	if (dump->phase == ARRAY_SIZE(put_item))
		return put_revocation(skb, &dump->node->policy, dump->after);
	if (!dump->held)
		return -ENODATA;
	return put_item[dump->phase](skb, dump->held, dump->after, &dump->within);
}

static int dump_item(struct sk_buff *skb, struct netlink_callback *cb,
		     struct signet_dump *dump)
{
	void *message = signet_dump_message(skb, cb, SIGNET_CMD_POLICY_GET);
	int err;

	if (!message)
		return -EMSGSIZE;
	err = put_next(skb, dump);
	if (err)
		genlmsg_cancel(skb, message);
	else
		genlmsg_end(skb, message);
	return err;
}

int signet_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct signet_dump *dump = signet_dump(cb);
	int err;

	while (dump->phase <= ARRAY_SIZE(put_item)) {
		err = dump_item(skb, cb, dump);
		if (!err) {
			dump->after += !dump->within;
		} else if (err == -ENODATA) {
			dump->phase++;
			dump->after = 0;
		} else {
			return skb->len ? skb->len : err;
		}
	}
	return skb->len;
}
