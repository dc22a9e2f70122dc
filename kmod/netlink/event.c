// SPDX-License-Identifier: GPL-2.0
/* connection-event. */
#include "netlink/event.h"

#include "identity/node.h"
#include "netlink/family.h"
#include "watch/stats.h"

/* Enough for two SPIFFE IDs of the greatest length and all the rest. */
#define SIGNET_EVENT_SIZE (2 * SIGNET_MAX_SPIFFE_ID + 1024)

/*
 * Where those listen who may know: the agent's network namespace, or while there is none the one
 * that the node was made for. A reference.
 */
static struct net *audience(struct signet_node *node, struct net *net)
{
	struct net *where = node->host ? &init_net : net;

	spin_lock(&node->lock);
	if (signet_agent_registered(node))
		where = node->agent.net;
	get_net(where);
	spin_unlock(&node->lock);
	return where;
}

/* Where nobody listens, no message is made. */
static int tell(struct net *where, struct net *net, enum signet_event_kind kind,
		const struct signet_connection_info *info)
{
	struct sk_buff *skb;
	void *message;
	int err;

	if (!genl_has_listeners(&signet_family, where, 0))
		return 0;
	skb = genlmsg_new(SIGNET_EVENT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	message = genlmsg_put(skb, 0, 0, &signet_family, 0, SIGNET_CMD_CONNECTION_EVENT);
	if (!message || nla_put_u32(skb, SIGNET_A_CONNECTION_EVENT_KIND, kind) ||
	    signet_connection_info_put(skb, info)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, message);
	signet_count(net, SIGNET_COUNT_EVENT_BUILT);
	err = genlmsg_multicast_netns(&signet_family, where, skb, 0, 0, GFP_KERNEL);
	return err == -ESRCH ? 0 : err;
}

int signet_netlink_event(struct signet_node *node, struct net *net, enum signet_event_kind kind,
			 const struct signet_connection_info *info)
{
	struct net *where = audience(node, net);
	int err = tell(where, net, kind, info);

	put_net(where);
	return err;
}
