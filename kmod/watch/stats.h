/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a network namespace, shown in its /proc/net/signet_stat. */
#ifndef SIGNET_STATS_H
#define SIGNET_STATS_H

#include <linux/atomic.h>

#include "uapi/generated/signet.h"

struct net;

/* Each has a line "name value"; the names are in stats.c. */
enum signet_counter {
	SIGNET_COUNT_RESOLVE, /* signet_resolve() was called */
	SIGNET_COUNT_RESOLVE_AT_ONCE, /* ... and answered from what was known */
	SIGNET_COUNT_HANDSHAKE_STARTED,
	SIGNET_COUNT_HANDSHAKE_FINISHED,
	SIGNET_COUNT_BEGUN_EARLY, /* connections that waited too long for accept() */
	SIGNET_COUNT_OPENED_CLIENT,
	SIGNET_COUNT_OPENED_SERVER,
	SIGNET_COUNT_REFUSED,
	SIGNET_COUNT_CLOSED,
	SIGNET_COUNT_ENDED,
	SIGNET_COUNT_JUDGED, /* open sessions that a change was held against */
	SIGNET_COUNT_PLAINTEXT,
	SIGNET_COUNT_OUTSIDE, /* sockets that the scope left alone */
	SIGNET_COUNT_UNHOOKED_REFUSED, /* connect() inside the scope on a socket that was outside */
	SIGNET_COUNT_OCCUPIED_REFUSED, /* sockets inside the scope that are in a sockmap */
	SIGNET_COUNT_MPTCP_REFUSED,
	SIGNET_COUNT_SMC_REFUSED,
	SIGNET_COUNT_EVENT_BUILT, /* messages made for those who listen */
	SIGNET_COUNT_EVENT_LOST,
	SIGNET_COUNT_MAX,
};

/**
 * struct signet_stats - the counters of a network namespace
 * @counters: by enum signet_counter
 * @refused: of connections that never opened, by enum signet_reason
 * @ended: of sessions that were open, by enum signet_reason
 */
struct signet_stats {
	atomic64_t counters[SIGNET_COUNT_MAX];
	atomic64_t refused[SIGNET_REASON_MAX + 1];
	atomic64_t ended[SIGNET_REASON_MAX + 1];
};

/**
 * signet_count - count one
 * @net: the socket's network namespace
 * @counter: what happened
 *
 * Any context. signet_event_connection() counts by itself.
 */
void signet_count(struct net *net, enum signet_counter counter);

/**
 * signet_stats - the counters of a network namespace
 * @net: the namespace
 */
struct signet_stats *signet_stats(struct net *net);

/**
 * signet_stats_init - counters and /proc/net/signet_stat of every network namespace
 * @revision: of the policy in force in a namespace, for the first line
 * @ending: how many of its node's sessions are blocked and not closed yet, for the second
 *
 * Return: 0 or a negative errno.
 */
int signet_stats_init(u64 (*revision)(struct net *net), unsigned int (*ending)(struct net *net));
void signet_stats_exit(void);

#endif
