// SPDX-License-Identifier: GPL-2.0
/* connection-get, and how connections look in messages. */
#include <linux/in.h>
#include <linux/in6.h>

#include "core/tls/tls.h"
#include "identity/node.h"
#include "netlink/event.h"
#include "netlink/family.h"
#include "policy/endpoint.h"
#include "session/connection.h"
#include "watch/event.h"

static int put_endpoint(struct sk_buff *skb, int address_type, int port_type,
			const struct sockaddr_storage *address)
{
	struct signet_endpoint endpoint;

	if (!signet_endpoint_of(&endpoint, (const struct sockaddr *)address))
		return 0;
	return nla_put(skb, address_type, endpoint.len, endpoint.address) ||
	       nla_put_u16(skb, port_type, endpoint.port) ? -EMSGSIZE : 0;
}

static int put_text(struct sk_buff *skb, int type, const char *text)
{
	return text && *text ? nla_put_string(skb, type, text) : 0;
}

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, SIGNET_A_CONNECTION_PAD);
}

static int put_outcome(struct sk_buff *skb, const struct signet_connection_info *info)
{
	if (info->reason == SIGNET_REASON_NONE)
		return 0;
	return nla_put_u32(skb, SIGNET_A_CONNECTION_REASON, info->reason) ||
	       (info->alert != SIGNET_ALERT_NONE &&
		nla_put_u8(skb, SIGNET_A_CONNECTION_ALERT, info->alert)) ||
	       nla_put_u32(skb, SIGNET_A_CONNECTION_ERRNO, -info->error) ||
	       put_text(skb, SIGNET_A_CONNECTION_DETAIL, info->detail) ? -EMSGSIZE : 0;
}

int signet_connection_info_put(struct sk_buff *skb, const struct signet_connection_info *info)
{
	return put_u64(skb, SIGNET_A_CONNECTION_ID, info->id) ||
	       nla_put_u32(skb, SIGNET_A_CONNECTION_ROLE, info->role) ||
	       nla_put_u32(skb, SIGNET_A_CONNECTION_STATE, info->state) ||
	       put_endpoint(skb, SIGNET_A_CONNECTION_LOCAL_ADDRESS,
			    SIGNET_A_CONNECTION_LOCAL_PORT, &info->local) ||
	       put_endpoint(skb, SIGNET_A_CONNECTION_PEER_ADDRESS,
			    SIGNET_A_CONNECTION_PEER_PORT, &info->peer) ||
	       put_text(skb, SIGNET_A_CONNECTION_LOCAL_SPIFFE_ID, info->local_id) ||
	       put_text(skb, SIGNET_A_CONNECTION_PEER_SPIFFE_ID, info->peer_id) ||
	       put_text(skb, SIGNET_A_CONNECTION_LOCAL_SERIAL, info->local_serial) ||
	       put_text(skb, SIGNET_A_CONNECTION_PEER_SERIAL, info->peer_serial) ||
	       put_text(skb, SIGNET_A_CONNECTION_CIPHER, info->cipher) ||
	       put_text(skb, SIGNET_A_CONNECTION_GROUP, info->group) ||
	       put_text(skb, SIGNET_A_CONNECTION_ALPN, info->alpn) ||
	       put_u64(skb, SIGNET_A_CONNECTION_AGE_MS, info->age_ms) ||
	       put_u64(skb, SIGNET_A_CONNECTION_TX_BYTES, info->tx_bytes) ||
	       put_u64(skb, SIGNET_A_CONNECTION_RX_BYTES, info->rx_bytes) ||
	       nla_put_u32(skb, SIGNET_A_CONNECTION_PID, info->pid) ||
	       nla_put_u32(skb, SIGNET_A_CONNECTION_NETNS, info->netns) ||
	       put_outcome(skb, info) ? -EMSGSIZE : 0;
}

struct dump_context {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int dump_connection(const struct signet_connection_info *info, void *context)
{
	const struct dump_context *dump = context;
	void *message = signet_dump_message(dump->skb, dump->cb, SIGNET_CMD_CONNECTION_GET);

	if (!message)
		return -EMSGSIZE;
	if (signet_connection_info_put(dump->skb, info)) {
		genlmsg_cancel(dump->skb, message);
		return -EMSGSIZE;
	}
	genlmsg_end(dump->skb, message);
	return 0;
}

int signet_connection_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump_context context = { .skb = skb, .cb = cb };
	struct signet_dump *dump = signet_dump(cb);
	int err;

	err = signet_connection_walk(dump->node, &dump->after, dump_connection, &context);
	return skb->len ? skb->len : err;
}
