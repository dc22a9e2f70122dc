/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIGNET_NETLINK_EVENT_H
#define SIGNET_NETLINK_EVENT_H

#include "watch/event.h"

struct sk_buff;

/* The sink of events: a multicast to the group "events". */
signet_event_sink signet_netlink_event;

/**
 * signet_connection_info_put - write a connection into a netlink message
 * @skb: the message
 * @info: the connection
 *
 * Return: 0, or -EMSGSIZE when it doesn't fit; the caller cancels the message.
 */
int signet_connection_info_put(struct sk_buff *skb, const struct signet_connection_info *info);

#endif
