/* SPDX-License-Identifier: GPL-2.0 */
/* The protected connections, as the control side sees them. */
#ifndef SIGNET_CONNECTION_H
#define SIGNET_CONNECTION_H

#include "core/tls/tls.h"
#include "watch/event.h"

struct signet_node;
struct signet_socket;

/**
 * struct signet_peer - the other side of a connection
 * @known: @id and @serial are set, and constant
 * @id: SPIFFE ID, NUL-terminated
 * @serial: lower-case hex
 * @cipher: negotiated
 * @group: negotiated
 * @alpn: it speaks "signet/1", too
 */
struct signet_peer {
	bool known;
	bool alpn;
	enum signet_cipher cipher;
	enum signet_group group;
	char *id;
	char serial[2 * SIGNET_SERIAL_MAX + 1];
};

/**
 * signet_connection_walk - show the protected connections of a node
 * @node: the node
 * @after: in: the ID after which to go on, 0 from the start; out: the last one that was shown
 * @show: called for each in the order of their IDs; non-zero ends the walk, and that connection
 *        counts as not shown. Process context, no lock held
 * @context: for @show
 *
 * Return: 0 at the end, else what @show returned.
 */
int signet_connection_walk(struct signet_node *node, u64 *after,
			   int (*show)(const struct signet_connection_info *info, void *context),
			   void *context);

/**
 * signet_connection_next - go through all protected connections, of all nodes
 * @id: in: the ID after which to go on, 0 from the start; out: its ID
 *
 * Return: a reference on the next one; NULL behind the last.
 */
struct signet_socket *signet_connection_next(unsigned long *id);

/* For the data path. */

/* Makes @ss known: events, dumps, judging. 0 or -ENOMEM. */
int signet_connection_add(struct signet_socket *ss);
/* Makes it unknown; nobody has it ended from here on. No-op when it isn't there. */
void signet_connection_unlist(struct signet_socket *ss);
/* And when it has ended, it is closed when this returns. Sleeps. */
void signet_connection_remove(struct signet_socket *ss);
/* Tells counters, tracepoints and agent what became of @ss. */
void signet_connection_event(struct signet_socket *ss, enum signet_event_kind kind);

#endif
