// SPDX-License-Identifier: GPL-2.0
/* Questions and certificate requests on their way to the agent, as fast as it takes them. */
#include "netlink/deliver.h"

#include <net/genetlink.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "identity/process.h"
#include "netlink/family.h"

/* When the agent's receive buffer is full. */
#define SIGNET_DELIVER_AGAIN (HZ / 20)

/* A question is bounded by its paths, a request by its SPIFFE ID and CSR. */
#define SIGNET_DELIVER_SIZE (2 * SIGNET_MAX_PATH + 1024)

/* What was written into a message, so that it can be taken back. */
struct delivery {
	struct signet_process *process;
	struct signet_identity *identity;
	u32 generation;
};

static struct signet_identity *next_request(struct signet_node *node)
{
	struct signet_identity *identity = list_first_entry_or_null(&node->requests,
								     struct signet_identity,
								     request_link);

	if (!identity)
		return NULL;
	list_del_init(&identity->request_link);
	identity->request->sent = true;
	refcount_inc(&identity->refs);
	return identity;
}

static void take_back(struct signet_node *node, const struct delivery *delivery)
{
	const struct signet_key_request *request;

	spin_lock(&node->lock);
	if (delivery->process)
		signet_process_unsend(node, delivery->process);
	if (delivery->identity) {
		request = delivery->identity->request;
		if (request && request->generation == delivery->generation)
			list_move(&delivery->identity->request_link, &node->requests);
	}
	spin_unlock(&node->lock);
}

/* With the lock held: fills @skb with the next thing. -ENODATA when there is none. */
static int fill(struct signet_node *node, struct delivery *delivery, struct sk_buff *skb)
{
	delivery->process = signet_process_next_question(node);
	if (delivery->process)
		return signet_netlink_question(skb, delivery->process);
	delivery->identity = next_request(node);
	if (!delivery->identity)
		return -ENODATA;
	delivery->generation = delivery->identity->request->generation;
	return signet_netlink_request(skb, delivery->identity);
}

/* 0 when something was sent, -ENODATA when there is nothing, or no agent to send it to. */
static int deliver_one(struct signet_node *node)
{
	struct delivery delivery = {};
	struct sk_buff *skb;
	struct net *net;
	u32 portid;
	int err;

	skb = genlmsg_new(SIGNET_DELIVER_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	spin_lock(&node->lock);
	if (!signet_agent_registered(node)) {
		spin_unlock(&node->lock);
		nlmsg_free(skb);
		return -ENODATA;
	}
	/* While the agent is registered its socket keeps the namespace. */
	net = get_net(node->agent.net);
	portid = node->agent.portid;
	err = fill(node, &delivery, skb);
	spin_unlock(&node->lock);

	if (err)
		nlmsg_free(skb);
	else
		err = genlmsg_unicast(net, skb, portid);
	put_net(net);
	if (err && err != -ENODATA)
		take_back(node, &delivery);
	signet_process_put(delivery.process);
	signet_identity_put(delivery.identity);
	return err;
}

void signet_deliver(struct work_struct *work)
{
	struct signet_node *node = container_of(work, struct signet_node, deliver.work);
	int err;

	do {
		err = deliver_one(node);
	} while (!err);
	/* An agent whose socket is being closed is followed by one that registers. */
	if (err != -ENODATA && err != -ECONNREFUSED)
		queue_delayed_work(signet_agent_wq, &node->deliver, SIGNET_DELIVER_AGAIN);
}
