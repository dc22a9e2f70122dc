// SPDX-License-Identifier: GPL-2.0
#include "netlink/family.h"

#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>

#include "hook/patch.h"
#include "identity/node.h"
#include "netlink/event.h"
#include "netlink/generated/attributes.h"
#include "policy/policy.h"

int signet_netlink_admin(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN) && netlink_capable(skb, CAP_NET_ADMIN))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "this needs CAP_SYS_ADMIN and CAP_NET_ADMIN in the initial user namespace");
	return -EPERM;
}

struct signet_node *signet_netlink_enter(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node;
	int err;

	err = signet_netlink_admin(skb, info->extack);
	if (err)
		return ERR_PTR(err);
	node = signet_node_of_agent(genl_info_net(info), info->snd_portid);
	if (!node) {
		GENL_SET_ERR_MSG(info, "this socket is not the registered agent of a node");
		return ERR_PTR(-EPERM);
	}
	/* It stays the agent: its socket can't be closed while it sends this message. */
	return node;
}

void signet_netlink_leave(struct signet_node *node)
{
	signet_node_put(node);
}

int signet_dump_start(struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	struct signet_dump *dump = signet_dump(cb);

	dump->node = signet_node_of_agent(net, NETLINK_CB(cb->skb).portid);
	if (!dump->node)
		dump->node = signet_node_get(net);
	return 0;
}

int signet_dump_done(struct netlink_callback *cb)
{
	struct signet_dump *dump = signet_dump(cb);

	signet_node_put(dump->node);
	return 0;
}

void *signet_dump_message(struct sk_buff *skb, struct netlink_callback *cb, u8 command)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &signet_family,
			   NLM_F_MULTI, command);
}

static int put_policy(struct sk_buff *skb, struct signet_node *node, bool domain)
{
	struct signet_policy *policy = signet_policy_get(&node->policy);
	int err;

	err = nla_put_u64_64bit(skb, SIGNET_A_NODE_REVISION, policy ? policy->revision : 0,
				SIGNET_A_NODE_PAD) ||
	      nla_put_string(skb, SIGNET_A_NODE_DATABASE_EPOCH,
			     policy ? policy->database_epoch : "") ||
	      (domain && policy &&
	       nla_put_string(skb, SIGNET_A_NODE_TRUST_DOMAIN, policy->trust_domain));
	signet_policy_put(policy);
	return err ? -EMSGSIZE : 0;
}

static int put_node(struct sk_buff *skb, struct signet_node *node)
{
	return nla_put_u32(skb, SIGNET_A_NODE_ABI_VERSION, SIGNET_ABI_VERSION) ||
	       nla_put_string(skb, SIGNET_A_NODE_MODULE_VERSION, THIS_MODULE->version ?: "") ||
	       nla_put_u32(skb, SIGNET_A_NODE_NETNS, node->netns) ? -EMSGSIZE : 0;
}

static int put_status(struct sk_buff *skb, struct signet_node *node)
{
	u64 uptime = ktime_to_ns(ktime_sub(ktime_get_boottime(), node->created));
	unsigned int identities;
	bool registered;

	spin_lock(&node->lock);
	registered = signet_agent_registered(node);
	identities = node->identity_count;
	spin_unlock(&node->lock);
	return (registered && nla_put_flag(skb, SIGNET_A_NODE_REGISTERED)) ||
	       nla_put_u32(skb, SIGNET_A_NODE_IDENTITIES, identities) ||
	       nla_put_u32(skb, SIGNET_A_NODE_CONNECTIONS, atomic_read(&node->connections)) ||
	       nla_put_u32(skb, SIGNET_A_NODE_ENDING, atomic_read(&node->ending)) ||
	       nla_put_u64_64bit(skb, SIGNET_A_NODE_UPTIME_NS, uptime, SIGNET_A_NODE_PAD) ?
		       -EMSGSIZE : 0;
}

/* The state of @node in answer to @info; with @status more than an agent needs to begin. */
static struct sk_buff *node_reply(struct signet_node *node, struct genl_info *info, bool status)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *message;
	int err;

	if (!skb)
		return NULL;
	message = genlmsg_put_reply(skb, info, &signet_family, 0, info->genlhdr->cmd);
	err = !message || put_node(skb, node) || put_policy(skb, node, status) ||
	      (status && put_status(skb, node));
	if (err) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, message);
	return skb;
}

static int register_agent(struct signet_node *node, struct genl_info *info)
{
	struct signet_node *other;
	struct sk_buff *reply;
	int err;

	other = signet_node_of_agent(genl_info_net(info), info->snd_portid);
	if (other) {
		signet_node_put(other);
		GENL_SET_ERR_MSG(info, "this socket is an agent already");
		return -EALREADY;
	}
	reply = node_reply(node, info, false);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&node->change);
	err = signet_agent_register(node, genl_info_net(info), info->snd_portid);
	mutex_unlock(&node->change);
	if (err) {
		nlmsg_free(reply);
		GENL_SET_ERR_MSG(info, "another agent is registered with this node");
		return err;
	}
	return genlmsg_reply(reply, info);
}

static int agent_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *abi = info->attrs[SIGNET_A_NODE_ABI_VERSION];
	struct signet_node *node;
	int err;

	err = signet_netlink_admin(skb, info->extack);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, SIGNET_A_NODE_ABI_VERSION)) {
		GENL_SET_ERR_MSG(info, "abi-version is missing");
		return -EINVAL;
	}
	if (nla_get_u32(abi) != SIGNET_ABI_VERSION) {
		NL_SET_ERR_MSG_ATTR(info->extack, abi,
				    "module and agent are of different versions");
		return -EPROTONOSUPPORT;
	}
	node = signet_node_bind(info->attrs[SIGNET_A_NODE_BIND_NETNS] ?
					genl_info_net(info) : &init_net);
	if (!node)
		return -ENOMEM;
	err = register_agent(node, info);
	signet_node_put(node);
	return err;
}

static int node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node;
	struct sk_buff *reply;
	int err;

	err = signet_netlink_admin(skb, info->extack);
	if (err)
		return err;
	node = signet_node_get(genl_info_net(info));
	reply = node_reply(node, info, true);
	signet_node_put(node);
	return reply ? genlmsg_reply(reply, info) : -ENOMEM;
}

static int drain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *message;
	int held, err;

	err = signet_netlink_admin(skb, info->extack);
	if (err)
		return err;
	reply = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	message = reply ? genlmsg_put_reply(reply, info, &signet_family, 0, info->genlhdr->cmd) :
			  NULL;
	held = message ? signet_drain() : -ENOMEM;
	if (held < 0 || nla_put_u32(reply, SIGNET_A_NODE_HELD, held)) {
		nlmsg_free(reply);
		return held < 0 ? held : -EMSGSIZE;
	}
	genlmsg_end(reply, message);
	return genlmsg_reply(reply, info);
}

#define SIGNET_OP(_command, _policy)								\
	.cmd = SIGNET_CMD_##_command, .flags = GENL_ADMIN_PERM,					\
	.policy = signet_##_policy##_nl_policy,							\
	.maxattr = ARRAY_SIZE(signet_##_policy##_nl_policy) - 1

static const struct genl_ops signet_ops[] = {
	{ SIGNET_OP(AGENT_REGISTER, agent_register), .doit = agent_register_doit },
	{ SIGNET_OP(NODE_GET, node_get), .doit = node_get_doit },
	{ SIGNET_OP(PROCESS_ANSWER, process_answer), .doit = signet_process_answer_doit },
	{ SIGNET_OP(PROCESS_FLUSH, process_flush), .doit = signet_process_flush_doit },
	{ SIGNET_OP(PROCESS_GET, process_get), .start = signet_dump_start,
	  .dumpit = signet_process_get_dumpit, .done = signet_dump_done },
	{ SIGNET_OP(SVID_INSTALL, svid_install), .doit = signet_svid_install_doit },
	{ SIGNET_OP(SVID_REFUSE, svid_refuse), .doit = signet_svid_refuse_doit },
	{ SIGNET_OP(SVID_RENEW, svid_renew), .doit = signet_svid_renew_doit },
	{ SIGNET_OP(IDENTITY_GET, identity_get), .start = signet_dump_start,
	  .dumpit = signet_identity_get_dumpit, .done = signet_dump_done },
	{ SIGNET_OP(POLICY_CHANGE, policy_change), .doit = signet_policy_change_doit },
	{ SIGNET_OP(POLICY_ABORT, policy_abort), .doit = signet_policy_abort_doit },
	{ SIGNET_OP(POLICY_GET, policy_get), .start = signet_policy_get_start,
	  .dumpit = signet_policy_get_dumpit, .done = signet_policy_get_done },
	{ SIGNET_OP(CONNECTION_GET, connection_get), .start = signet_dump_start,
	  .dumpit = signet_connection_get_dumpit, .done = signet_dump_done },
	{ SIGNET_OP(DRAIN, drain), .doit = drain_doit },
};

/* Events name processes, addresses and SPIFFE IDs: not for everybody. */
static const struct genl_multicast_group signet_groups[] = {
	{ .name = SIGNET_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family signet_family __ro_after_init = {
	.name = SIGNET_GENL_NAME,
	.version = SIGNET_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = signet_ops,
	.n_ops = ARRAY_SIZE(signet_ops),
	.mcgrps = signet_groups,
	.n_mcgrps = ARRAY_SIZE(signet_groups),
};

static int socket_closed(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		signet_agent_leave(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block signet_socket_notifier = {
	.notifier_call = socket_closed,
};

int signet_netlink_init(void)
{
	int err = netlink_register_notifier(&signet_socket_notifier);

	if (err)
		return err;
	err = genl_register_family(&signet_family);
	if (err)
		netlink_unregister_notifier(&signet_socket_notifier);
	else
		signet_event_listen(signet_netlink_event);
	return err;
}

void signet_netlink_exit(void)
{
	signet_event_listen(NULL);
	genl_unregister_family(&signet_family);
	netlink_unregister_notifier(&signet_socket_notifier);
}
