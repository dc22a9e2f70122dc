/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "signet"; signet.yaml is what it offers. Operations run in parallel;
 * those that change a node hold its change mutex, or the lock of its policy.
 */
#ifndef SIGNET_NETLINK_H
#define SIGNET_NETLINK_H

#include <net/genetlink.h>

#include "uapi/generated/signet.h"

struct signet_identity;
struct signet_node;
struct signet_process;

extern struct genl_family signet_family;

/* 0 or a negative errno. */
int signet_netlink_init(void);
/* After it no operation runs and no agent is registered any more. */
void signet_netlink_exit(void);

/**
 * signet_netlink_admin - may the sender do this?
 * @skb: the message
 * @extack: told why not
 *
 * Both who opened the socket and who sends need CAP_SYS_ADMIN and CAP_NET_ADMIN in the initial
 * user namespace; to own a namespace isn't enough.
 *
 * Return: 0 or -EPERM.
 */
int signet_netlink_admin(struct sk_buff *skb, struct netlink_ext_ack *extack);

/**
 * signet_netlink_enter - begin an operation that only the node's agent may do
 * @skb: the message
 * @info: of the message
 *
 * Return: a reference on the node whose agent sends, until signet_netlink_leave(); ERR_PTR(-EPERM)
 * for anyone else.
 */
struct signet_node *signet_netlink_enter(struct sk_buff *skb, struct genl_info *info);
void signet_netlink_leave(struct signet_node *node);

/* Says what is wrong, in a constant sentence, and with which attribute; both may be NULL. */
static inline void signet_netlink_fault(struct netlink_ext_ack *extack, const struct nlattr *attr,
					const char *why)
{
	if (!extack)
		return;
	if (why)
		extack->_msg = why;
	if (attr)
		NL_SET_BAD_ATTR(extack, attr);
}

/**
 * struct signet_dump - what a dump keeps between its messages, in netlink_callback.ctx
 * @node: a reference
 * @held: what else is held, by the kind of dump
 * @phase: which list
 * @within: how far in an item that is written in parts
 * @after: how far in the list
 */
struct signet_dump {
	struct signet_node *node;
	void *held;
	u32 phase;
	u32 within;
	u64 after;
};

static inline struct signet_dump *signet_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct signet_dump) > sizeof(cb->ctx));
	return (struct signet_dump *)cb->ctx;
}

/* .start and .done of dumps: of the sender's node, or else its network namespace's. */
int signet_dump_start(struct netlink_callback *cb);
int signet_dump_done(struct netlink_callback *cb);
/* Begins one message of a dump; NULL when it doesn't fit. */
void *signet_dump_message(struct sk_buff *skb, struct netlink_callback *cb, u8 command);

/* Messages to the agent, with the node's lock held. 0 or -EMSGSIZE. */
int signet_netlink_question(struct sk_buff *skb, const struct signet_process *process);
int signet_netlink_request(struct sk_buff *skb, const struct signet_identity *identity);

/* Of processes */
int signet_process_answer_doit(struct sk_buff *skb, struct genl_info *info);
int signet_process_flush_doit(struct sk_buff *skb, struct genl_info *info);
int signet_process_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* Of identities */
int signet_svid_install_doit(struct sk_buff *skb, struct genl_info *info);
int signet_svid_refuse_doit(struct sk_buff *skb, struct genl_info *info);
int signet_svid_renew_doit(struct sk_buff *skb, struct genl_info *info);
int signet_identity_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* Of policy and revocations */
int signet_policy_change_doit(struct sk_buff *skb, struct genl_info *info);
int signet_policy_abort_doit(struct sk_buff *skb, struct genl_info *info);
int signet_policy_get_start(struct netlink_callback *cb);
int signet_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int signet_policy_get_done(struct netlink_callback *cb);

/* Of connections */
int signet_connection_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

#endif
