// SPDX-License-Identifier: GPL-2.0
/* policy-begin, policy-add, policy-commit, policy-abort, revoke. */
#include <linux/slab.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "netlink/family.h"
#include "netlink/policy_parse.h"
#include "policy/load.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "session/judge.h"
#include "watch/trace.h"

static int begin(struct signet_node *node, struct genl_info *info)
{
	struct signet_policy_head head;
	const char *why = NULL;
	int err;

	err = signet_policy_parse_head(&head, info);
	mutex_lock(&node->policy.lock);
	if (err)
		signet_policy_abort(&node->policy);
	else
		err = signet_policy_begin(&node->policy, &head, &why);
	mutex_unlock(&node->policy.lock);
	signet_netlink_fault(info->extack, NULL, why);
	return err;
}

int signet_policy_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = begin(node, info);
	signet_netlink_leave(node);
	return err;
}

int signet_policy_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	struct signet_draft *draft;
	int err = -ENODATA;

	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->policy.lock);
	draft = signet_policy_draft(&node->policy);
	if (draft)
		err = signet_policy_parse_items(draft, info);
	else
		GENL_SET_ERR_MSG(info, "no policy was begun, or an error dropped it");
	if (err)
		signet_policy_abort(&node->policy);
	mutex_unlock(&node->policy.lock);
	signet_netlink_leave(node);
	return err;
}

/* Made before anything is done: what is done can't fail any more. */
static struct sk_buff *outcome_new(struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);

	if (skb && !genlmsg_put_reply(skb, info, &signet_family, 0, info->genlhdr->cmd)) {
		nlmsg_free(skb);
		skb = NULL;
	}
	return skb;
}

/* Says how many sessions are still to be closed. Unheard, it is done all the same. */
static void outcome_reply(struct sk_buff *skb, struct signet_node *node, struct genl_info *info)
{
	nla_put_u32(skb, SIGNET_A_POLICY_ENDING, atomic_read(&node->ending));
	nlmsg_end(skb, nlmsg_hdr(skb));
	genlmsg_reply(skb, info);
}

/* It is in force: what was refused before may be allowed now, and the other way round. */
static void committed(struct signet_node *node, const struct signet_policy *older)
{
	trace_signet_policy(node->netns, signet_node_revision(node));
	spin_lock(&node->lock);
	signet_identity_forget_refusals(node);
	spin_unlock(&node->lock);
	signet_judge_sessions(node, older);
}

int signet_policy_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	struct signet_policy *older = NULL;
	const char *why = NULL;
	struct sk_buff *outcome;
	int err = -ENOMEM;

	if (IS_ERR(node))
		return PTR_ERR(node);
	outcome = outcome_new(info);
	if (outcome) {
		mutex_lock(&node->policy.lock);
		err = signet_policy_commit(&node->policy, &older, &why);
		mutex_unlock(&node->policy.lock);
	}
	signet_netlink_fault(info->extack, NULL, why);
	if (!err) {
		committed(node, older);
		outcome_reply(outcome, node, info);
	} else {
		nlmsg_free(outcome);
	}
	signet_policy_put(older);
	signet_netlink_leave(node);
	return err;
}

int signet_policy_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);

	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->policy.lock);
	signet_policy_abort(&node->policy);
	mutex_unlock(&node->policy.lock);
	signet_netlink_leave(node);
	return 0;
}

static int take_revocations(struct signet_node *node, struct genl_info *info)
{
	struct signet_revocation *revocations;
	const struct nlattr *attr;
	const char *why = NULL;
	size_t count = 0;
	int rest, err = 0;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest)
		count++;
	if (!count) {
		GENL_SET_ERR_MSG(info, "revocation is missing");
		return -EINVAL;
	}
	revocations = kvmalloc_array(count, sizeof(*revocations), GFP_KERNEL);
	if (!revocations)
		return -ENOMEM;
	count = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (nla_type(attr) != SIGNET_A_POLICY_REVOCATION) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "revoke takes revocations only");
			err = -EINVAL;
			break;
		}
		err = signet_policy_parse_revocation(&revocations[count++], attr, info->extack);
		if (err)
			break;
	}
	if (!err) {
		err = signet_revocations_publish(&node->policy, revocations, count, &why);
		signet_netlink_fault(info->extack, NULL, why);
	}
	kvfree(revocations);
	return err;
}

int signet_revoke_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	struct sk_buff *outcome;
	int err = -ENOMEM;

	if (IS_ERR(node))
		return PTR_ERR(node);
	outcome = outcome_new(info);
	if (outcome) {
		mutex_lock(&node->policy.lock);
		err = take_revocations(node, info);
		mutex_unlock(&node->policy.lock);
	}
	if (!err) {
		signet_judge_sessions(node, NULL);
		outcome_reply(outcome, node, info);
	} else {
		nlmsg_free(outcome);
	}
	signet_netlink_leave(node);
	return err;
}
