// SPDX-License-Identifier: GPL-2.0
/* policy-change, policy-abort. */
#include <linux/mm.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "netlink/family.h"
#include "netlink/policy_parse.h"
#include "policy/load.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "session/judge.h"
#include "watch/trace.h"

static enum signet_part part_of(struct genl_info *info)
{
	const struct nlattr *part = info->attrs[SIGNET_A_POLICY_PART];

	return part ? nla_get_u32(part) : SIGNET_PART_WHOLE;
}

static bool begins(struct genl_info *info)
{
	return part_of(info) == SIGNET_PART_WHOLE || part_of(info) == SIGNET_PART_FIRST;
}

static bool ends(struct genl_info *info)
{
	return part_of(info) == SIGNET_PART_WHOLE || part_of(info) == SIGNET_PART_LAST;
}

static int begin(struct signet_policy_slot *slot, struct genl_info *info, const char **why)
{
	struct signet_policy_head head;
	int err = signet_policy_parse_head(&head, info);

	return err ? err : signet_policy_begin(slot, &head, why);
}

/* What a policy says beside its items. */
static const int head_types[] = {
	SIGNET_A_POLICY_DATABASE_EPOCH, SIGNET_A_POLICY_REVISION, SIGNET_A_POLICY_TRUST_DOMAIN,
	SIGNET_A_POLICY_BASE, SIGNET_A_POLICY_DEFAULT_DENY, SIGNET_A_POLICY_UNIDENTIFIED,
	SIGNET_A_POLICY_MAX_SESSION_AGE_S, SIGNET_A_POLICY_HANDSHAKE_TIMEOUT_MS,
};

/* Is there a change that goes on with this message? */
static int go_on(struct signet_policy_slot *slot, struct genl_info *info, const char **why)
{
	size_t i;

	if (!signet_policy_draft(slot)) {
		*why = "no change was begun, or an error dropped it";
		return -ENODATA;
	}
	for (i = 0; i < ARRAY_SIZE(head_types); i++)
		if (info->attrs[head_types[i]]) {
			*why = "this belongs into the first message of a change";
			return -EINVAL;
		}
	return 0;
}

static int take_part(struct signet_policy_slot *slot, struct genl_info *info,
		     unsigned int *affected)
{
	const char *why = NULL;
	int err;

	err = begins(info) ? begin(slot, info, &why) : go_on(slot, info, &why);
	if (!err)
		err = signet_policy_parse_items(slot, info);
	if (!err && ends(info))
		err = signet_policy_commit(slot, affected, &why);
	if (err)
		signet_policy_abort(slot);
	signet_netlink_fault(info->extack, NULL, why);
	return err;
}

/* It is in force: what was refused before may be allowed now. */
static void committed(struct signet_node *node)
{
	trace_signet_policy(node->netns, signet_node_revision(node));
	spin_lock(&node->lock);
	signet_identity_forget_refusals(node);
	spin_unlock(&node->lock);
}

static int change_policy(struct signet_node *node, struct genl_info *info, unsigned int *affected)
{
	unsigned int by_policy = 0;
	int err;

	mutex_lock(&node->policy.lock);
	err = take_part(&node->policy, info, &by_policy);
	mutex_unlock(&node->policy.lock);
	if (!err && ends(info))
		committed(node);
	*affected |= by_policy;
	return err;
}

/* Ahead of the rest, and without the lock that a policy may need for long. */
static int revoke(struct signet_node *node, struct genl_info *info, unsigned int *affected)
{
	struct signet_revocation *revocations;
	const char *why = NULL;
	size_t count;
	bool any;
	int err;

	err = signet_policy_parse_revocations(&revocations, &count, info);
	if (err || !count)
		return err;
	err = signet_revoke(&node->policy, revocations, count, &any, &why);
	if (any)
		*affected |= SIGNET_AFFECTS_REVOKED;
	signet_netlink_fault(info->extack, NULL, why);
	kvfree(revocations);
	return err;
}

#define OUTCOME_SIZE									\
	(nla_total_size(SIGNET_MAX_DATABASE_EPOCH + 1) + nla_total_size_64bit(sizeof(u64)) +	\
	 nla_total_size(sizeof(u32)))

/* Made before anything is done: what is done can't fail any more. */
static struct sk_buff *outcome_new(struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(OUTCOME_SIZE, GFP_KERNEL);

	if (skb && !genlmsg_put_reply(skb, info, &signet_family, 0, info->genlhdr->cmd)) {
		nlmsg_free(skb);
		skb = NULL;
	}
	return skb;
}

/* Says what is in force, and how many sessions are still to be closed. It has room for that. */
static void outcome_reply(struct sk_buff *skb, struct signet_node *node, struct genl_info *info)
{
	struct signet_policy *policy = signet_policy_get(&node->policy);

	nla_put_string(skb, SIGNET_A_POLICY_DATABASE_EPOCH, policy ? policy->database_epoch : "");
	nla_put_u64_64bit(skb, SIGNET_A_POLICY_REVISION, policy ? policy->revision : 0,
			  SIGNET_A_POLICY_PAD);
	nla_put_u32(skb, SIGNET_A_POLICY_ENDING, atomic_read(&node->ending));
	signet_policy_put(policy);
	nlmsg_end(skb, nlmsg_hdr(skb));
	genlmsg_reply(skb, info);
}

static void drop_change(struct signet_node *node)
{
	mutex_lock(&node->policy.lock);
	signet_policy_abort(&node->policy);
	mutex_unlock(&node->policy.lock);
}

static int take(struct signet_node *node, struct genl_info *info, unsigned int *affected)
{
	bool is_change = signet_policy_parse_is_change(info);
	int err;

	if (is_change && begins(info))
		signet_revoke_begin(&node->policy);
	err = revoke(node, info, affected);
	if (err && is_change)
		drop_change(node);
	else if (is_change)
		err = change_policy(node, info, affected);
	return err;
}

int signet_policy_change_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	unsigned int affected = 0;
	struct sk_buff *outcome;
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	outcome = outcome_new(info);
	err = outcome ? take(node, info, &affected) : -ENOMEM;
	if (!outcome)
		drop_change(node);
	/* The revocations hold, whatever became of the rest. */
	signet_judge_sessions(node, affected);
	if (err)
		nlmsg_free(outcome);
	else
		outcome_reply(outcome, node, info);
	signet_netlink_leave(node);
	return err;
}

int signet_policy_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);

	if (IS_ERR(node))
		return PTR_ERR(node);
	drop_change(node);
	signet_netlink_leave(node);
	return 0;
}
