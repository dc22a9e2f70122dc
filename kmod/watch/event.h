/* SPDX-License-Identifier: GPL-2.0 */
/* A connection as it is shown outside: in events, in dumps, in tracepoints. */
#ifndef SIGNET_EVENT_H
#define SIGNET_EVENT_H

#include <linux/socket.h>
#include <linux/types.h>

#include "uapi/generated/signet.h"

struct net;
struct signet_node;

/**
 * struct signet_connection_info - what is known of a connection at one moment
 * @id: unique while the module is loaded; never 0
 * @role: this side's
 * @state: of the socket
 * @local: AF_INET, AF_INET6, or AF_UNSPEC when unknown
 * @peer: likewise
 * @local_id: SPIFFE IDs; NULL when unknown, like every string here
 * @peer_id: of the peer
 * @local_serial: lower-case hex
 * @peer_serial: of the peer
 * @cipher: "TLS_AES_128_GCM_SHA256"
 * @group: "x25519"
 * @alpn: "signet/1"
 * @age_ms: since connect or accept
 * @tx_bytes: of the program's data
 * @rx_bytes: of the program's data
 * @reason: why it failed or ended; SIGNET_REASON_NONE while it lives
 * @alert: sent or received; SIGNET_ALERT_NONE
 * @error: what the program sees, 0 or a negative errno
 * @detail: one sentence more than @reason tells
 * @pid: tgid in the initial pid namespace of who connected or accepted
 * @netns: inode number of the socket's network namespace
 *
 * Everything is the caller's and needs to live no longer than the call that it is given to.
 */
struct signet_connection_info {
	u64 id;
	enum signet_role role;
	enum signet_connection_state state;
	struct sockaddr_storage local;
	struct sockaddr_storage peer;
	const char *local_id;
	const char *peer_id;
	const char *local_serial;
	const char *peer_serial;
	const char *cipher;
	const char *group;
	const char *alpn;
	u64 age_ms;
	u64 tx_bytes;
	u64 rx_bytes;
	enum signet_reason reason;
	u8 alert;
	int error;
	const char *detail;
	u32 pid;
	u32 netns;
};

/*
 * Takes an event to those who listen: of a connection of that node, in that network namespace. 0,
 * or a negative errno when it was lost. Process context.
 */
typedef int signet_event_sink(struct signet_node *node, struct net *net,
			      enum signet_event_kind kind,
			      const struct signet_connection_info *info);

/* Events go to @listener from now on; NULL: to nobody. At load and unload only. */
void signet_event_listen(signet_event_sink *listener);

/**
 * signet_event_connection - count, trace and tell the agent what became of a connection
 * @node: the connection's node
 * @net: the socket's network namespace, whose counters count it
 * @kind: what became of it
 * @info: the connection
 *
 * Process context; allocates, and an event that finds no memory or no room is counted as lost.
 * Call it once for each of a connection's opened, refused, closed or ended.
 */
void signet_event_connection(struct signet_node *node, struct net *net,
			     enum signet_event_kind kind,
			     const struct signet_connection_info *info);

#endif
