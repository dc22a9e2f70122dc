/* SPDX-License-Identifier: GPL-2.0 */
/* Policies and revocations, from attributes to plain structures. */
#ifndef SIGNET_NETLINK_POLICY_PARSE_H
#define SIGNET_NETLINK_POLICY_PARSE_H

struct genl_info;
struct netlink_ext_ack;
struct nlattr;
struct signet_draft;
struct signet_policy_head;
struct signet_revocation;

/**
 * signet_policy_parse_head - what policy-begin says
 * @head: filled; points into the message
 * @info: of the message; told what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int signet_policy_parse_head(struct signet_policy_head *head, struct genl_info *info);

/**
 * signet_policy_parse_items - what policy-add adds
 * @draft: added to; after an error it can only be dropped
 * @info: of a message with any number of items of each kind; told what is wrong
 *
 * Sleeps, but for memory only.
 *
 * Return: 0; -EINVAL; -E2BIG above a limit; -EKEYREJECTED for a root that is none; -ENOMEM.
 */
int signet_policy_parse_items(struct signet_draft *draft, struct genl_info *info);

/**
 * signet_policy_parse_revocation - one revocation
 * @revocation: filled, but not judged; points into @attr
 * @attr: SIGNET_A_POLICY_REVOCATION
 * @extack: told what is wrong
 *
 * Return: 0 or a negative errno.
 */
int signet_policy_parse_revocation(struct signet_revocation *revocation,
				   const struct nlattr *attr, struct netlink_ext_ack *extack);

#endif
