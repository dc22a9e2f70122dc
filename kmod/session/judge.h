/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions before the policy in force. */
#ifndef SIGNET_SESSION_JUDGE_H
#define SIGNET_SESSION_JUDGE_H

#include <linux/types.h>

struct signet_node;
struct signet_policy;
struct signet_socket;

/**
 * signet_judge_sessions - end the open sessions that policy and revocations now refuse
 * @node: the node, its policy not locked
 * @affected: what a change may refuse: enum signet_affected. The others aren't looked at, and for 0
 *            there is nothing to do
 *
 * Call it after signet_policy_judgement() was raised. Sleeps, but waits for no program and no peer:
 * when it returns, no program reads or writes another byte of a session that it ended, and each
 * such peer got a TLS alert or a reset, but for those that the node's @ending counts.
 */
void signet_judge_sessions(struct signet_node *node, unsigned int affected);

/**
 * signet_judge_awake - end the sessions that got too old while the machine slept
 *
 * Policies and revocations are those of before: whoever brings them slept, too. As
 * signet_judge_sessions().
 */
void signet_judge_awake(void);

/**
 * signet_judge_cloned - end the sessions and handshakes whose keys another machine has, too
 *
 * After signet_identity_key_share(). As signet_judge_sessions().
 */
void signet_judge_cloned(void);

/* Ends @ss, or its handshake, if it uses a key that another machine has, too. */
void signet_judge_key(struct signet_socket *ss);

/*
 * Judges @ss, whose peer the anchors of @trusted were good enough for, by the policy in force and
 * ends it when that refuses.
 */
void signet_judge_session(struct signet_socket *ss, const struct signet_policy *trusted);
/*
 * Ends @ss, which is in plaintext as the policy said to report that only, when it does no longer.
 * True when it is ending.
 */
bool signet_judge_plain(struct signet_socket *ss);

#endif
