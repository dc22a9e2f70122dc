/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The protected connections, as the control side sees them: what there is, and whether a new policy
 * still allows it.
 */
#ifndef SIGNET_CONNECTION_H
#define SIGNET_CONNECTION_H

#include <linux/timer.h>
#include <linux/workqueue.h>

#include "watch/event.h"

struct signet_policy;
struct signet_node;
struct signet_socket;

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
 * signet_connections_rejudge - end the open sessions that policy and revocations now refuse
 * @node: the node, its policy not locked
 * @older: the policy that was replaced; NULL when none was. All sessions end when the one in force
 *         doesn't keep its anchors
 *
 * Call it after signet_policy_judgement() was raised. Sleeps. When it returns, no program reads
 * another byte from a session that it ended, and each such peer got a TLS alert or a reset.
 */
void signet_connections_rejudge(struct signet_node *node, const struct signet_policy *older);

/* For the data path. */

/* Makes @ss known: events, dumps, judging. 0 or -ENOMEM. */
int signet_connection_add(struct signet_socket *ss);
/* No-op when it isn't there. Sleeps until nobody judges @ss any more. */
void signet_connection_remove(struct signet_socket *ss);
/*
 * Ends an open session: from now on nothing is read or written; alert and reset follow in a work
 * item. No-op in other states and the second time. Doesn't sleep; process context.
 */
void signet_connection_end(struct signet_socket *ss, enum signet_reason reason, u8 alert);
/*
 * Judges @ss, whose peer the anchors of @trusted were good enough for, by the policy in force and
 * ends it when that refuses.
 */
void signet_connection_rejudge(struct signet_socket *ss, const struct signet_policy *trusted);
/*
 * Ends @ss, which is in plaintext as the policy said to report that only, when it does no longer.
 * True when it is ending.
 */
bool signet_connection_judge_plain(struct signet_socket *ss);
/* The timer of maxSessionAge and the last alert; of struct signet_socket. */
void signet_connection_too_old(struct timer_list *timer);
void signet_connection_retire_work(struct work_struct *work);
void signet_connection_end_work(struct work_struct *work);
/* Tells counters, tracepoints and agent what became of @ss. */
void signet_connection_event(struct signet_socket *ss, enum signet_event_kind kind);

#endif
