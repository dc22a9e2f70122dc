/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A policy on its way in: begun, added to, committed. Nothing of it holds before the commit. An
 * error while adding drops all that was sent, so that nothing is ever applied half.
 */
#ifndef SIGNET_POLICY_LOAD_H
#define SIGNET_POLICY_LOAD_H

#include <linux/types.h>

struct netlink_ext_ack;
struct nlattr;
struct nlmsghdr;
struct signet_policy;
struct signet_policy_slot;

/* Of one policy; rules and destinations are also bounded by SIGNET_TABLES_GRANTS_MAX. */
#define SIGNET_NETWORKS_MAX 4096
#define SIGNET_EXEMPT_PORTS_MAX 4096
#define SIGNET_RULES_MAX 262144
#define SIGNET_DESTINATIONS_MAX 65536

/**
 * signet_policy_begin - begin a policy, and drop one that was begun before
 * @slot: of the node, locked
 * @tb: attributes of the message
 * @extack: told what is wrong
 *
 * Return: 0; -EINVAL; -ESTALE when the revision would go back in the same epoch; -ENOMEM.
 */
int signet_policy_begin(struct signet_policy_slot *slot, struct nlattr **tb,
			struct netlink_ext_ack *extack);

/**
 * signet_policy_add - add to the policy that was begun
 * @slot: of the node, locked
 * @message: with any number of attributes of each kind
 * @extack: told what is wrong
 *
 * Return: 0; -ENODATA when none was begun; -EINVAL; -E2BIG above a limit; -EKEYREJECTED for a root
 * that is none; -ENOMEM. After an error the policy that was begun is dropped.
 */
int signet_policy_add(struct signet_policy_slot *slot, const struct nlmsghdr *message,
		      struct netlink_ext_ack *extack);

/**
 * signet_policy_commit - put the policy in force
 * @slot: of the node, locked
 * @older: the policy that was in force, or NULL; the caller's reference
 * @extack: told what is wrong
 *
 * Return: 0; -ENODATA when none was begun; -EINVAL for one without a root.
 */
int signet_policy_commit(struct signet_policy_slot *slot, struct signet_policy **older,
			 struct netlink_ext_ack *extack);

/**
 * signet_policy_abort - drop a policy that was begun, if any
 * @slot: locked, or in nobody else's hands any more
 */
void signet_policy_abort(struct signet_policy_slot *slot);

/**
 * signet_trust_domain_valid - is this the name of a trust domain?
 * @name: NUL-terminated
 */
bool signet_trust_domain_valid(const char *name);

#endif
