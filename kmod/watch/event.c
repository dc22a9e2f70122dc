// SPDX-License-Identifier: GPL-2.0
#include "watch/event.h"

#include "watch/reason.h"
#include "watch/stats.h"
#include "watch/trace.h"

static int (*sink)(struct signet_node *node, struct net *net, enum signet_event_kind kind,
		   const struct signet_connection_info *info);

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

void signet_event_listen(signet_event_sink *listener)
{
	WRITE_ONCE(sink, listener);
}

void signet_event_connection(struct signet_node *node, struct net *net,
			     enum signet_event_kind kind,
			     const struct signet_connection_info *info)
{
	typeof(sink) listener = READ_ONCE(sink);

	count(net, kind, info);
	trace_signet_connection(kind, info);
	if (listener && listener(node, net, kind, info))
		signet_count(net, SIGNET_COUNT_EVENT_LOST);
}
