// SPDX-License-Identifier: GPL-2.0
#include "watch/event.h"

#include "identity/node.h"
#include "netlink/family.h"
#include "watch/reason.h"
#include "watch/stats.h"
#include "watch/trace.h"

/* Enough for two SPIFFE IDs of the greatest length and all the rest. */
#define SIGNET_EVENT_SIZE (2 * SIGNET_MAX_SPIFFE_ID + 1024)

static void count(struct net *net, enum signet_event_kind kind,
		  const struct signet_connection_info *info)
{
	struct signet_stats *stats = signet_stats(net);

	switch (kind) {
	case SIGNET_EVENT_KIND_OPENED:
		signet_count(net, info->role == SIGNET_ROLE_CLIENT ? SIGNET_COUNT_OPENED_CLIENT :
								     SIGNET_COUNT_OPENED_SERVER);
		break;
	case SIGNET_EVENT_KIND_REFUSED:
		signet_count(net, SIGNET_COUNT_REFUSED);
		atomic64_inc(&stats->refused[info->reason]);
		break;
	case SIGNET_EVENT_KIND_CLOSED:
		signet_count(net, SIGNET_COUNT_CLOSED);
		break;
	case SIGNET_EVENT_KIND_ENDED:
		signet_count(net, SIGNET_COUNT_ENDED);
		atomic64_inc(&stats->ended[info->reason]);
		break;
	case SIGNET_EVENT_KIND_PLAINTEXT:
		signet_count(net, SIGNET_COUNT_PLAINTEXT);
		break;
	}
}

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

static int tell(struct net *where, enum signet_event_kind kind,
		const struct signet_connection_info *info)
{
	struct sk_buff *skb;
	void *message;
	int err;

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
	err = genlmsg_multicast_netns(&signet_family, where, skb, 0, 0, GFP_KERNEL);
	return err == -ESRCH ? 0 : err;
}

void signet_event_connection(struct signet_node *node, struct net *net,
			     enum signet_event_kind kind,
			     const struct signet_connection_info *info)
{
	struct net *where = audience(node, net);

	count(net, kind, info);
	trace_signet_connection(kind, info);
	if (tell(where, kind, info))
		signet_count(net, SIGNET_COUNT_EVENT_LOST);
	put_net(where);
}
