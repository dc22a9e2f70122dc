/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of policy and revocations, from attributes to plain structures. */
#ifndef SIGNET_NETLINK_POLICY_PARSE_H
#define SIGNET_NETLINK_POLICY_PARSE_H

#include <linux/types.h>

struct genl_info;
struct signet_policy_head;
struct signet_policy_slot;
struct signet_revocation;

/**
 * signet_policy_parse_head - what the first message of a change says beside items
 * @head: filled; points into the message
 * @info: of the message; told what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int signet_policy_parse_head(struct signet_policy_head *head, struct genl_info *info);

/**
 * signet_policy_parse_items - the items of a message, but for revocations that are added
 * @slot: of the node, locked; a change was begun. After an error it can only be dropped
 * @info: of a message with any number of items of each kind; told what is wrong
 *
 * Sleeps, but for memory only.
 *
 * Return: 0; -EINVAL; -E2BIG above a limit; -EKEYREJECTED for a root that is none; -ENOENT;
 * -ENOMEM.
 */
int signet_policy_parse_items(struct signet_policy_slot *slot, struct genl_info *info);

/**
 * signet_policy_parse_revocations - the revocations that a message adds
 * @revocations: set to an array for kvfree(), or NULL for none; points into the message
 * @count: how many
 * @info: told what is wrong
 *
 * Each is checked. Return: 0, -EINVAL or another errno of an attribute that is wrong, or -ENOMEM.
 */
int signet_policy_parse_revocations(struct signet_revocation **revocations, size_t *count,
				    struct genl_info *info);

/* Has a message anything but revocations that are added? */
bool signet_policy_parse_is_change(struct genl_info *info);

#endif
