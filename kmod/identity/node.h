/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node: everything that belongs to one agent. The host's node is there as long as the module and
 * serves every network namespace that has none of its own. A node outlives its agent's socket, so
 * that an agent which restarts finds identities, policy and connections as they were.
 */
#ifndef SIGNET_NODE_H
#define SIGNET_NODE_H

#include <linux/hashtable.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "policy/slot.h"

#define SIGNET_PROCESS_HASH_BITS 10
#define SIGNET_QUOTA_HASH_BITS 6
#define SIGNET_IDENTITY_HASH_BITS 8

/**
 * struct signet_agent - the agent that is registered with a node
 * @portid: of its netlink socket; 0 when no agent is registered
 * @net: network namespace of that socket, which keeps it alive
 * @pid: its process; a reference
 */
struct signet_agent {
	u32 portid;
	struct net *net;
	struct pid *pid;
};

/**
 * struct signet_node - an agent's part of the module
 * @refs: references; see signet_node_get()
 * @link: with all other nodes (node.c)
 * @netns: inode number of the network namespace that it was made for
 * @host: the host's node, which is never taken away while the module is loaded
 * @created: CLOCK_BOOTTIME
 * @change: serialises what an agent changes of itself and of identities: registration, answers,
 *          SVIDs. Taken before @lock; may be held while sleeping
 * @policy: the policy in force, with a lock of its own, and the one that is being sent
 * @lock: guards the fields below it. Process context only, so interrupts stay on. Innermost but
 *        for those of workqueues
 * @agent: the agent
 * @processes: by their facts (process.c)
 * @process_lru: the same, least recently used first
 * @process_count: how many
 * @quotas: what each uid has of them (process.c)
 * @unsent: questions that wait to be sent, oldest first (process.c)
 * @asked: questions that the agent has
 * @in_flight: how many
 * @resolutions: that wait
 * @identities: by SPIFFE ID (identity.c)
 * @identity_count: how many
 * @requests: identities with a certificate request to send
 * @deliver: sends questions and requests to the agent (netlink/deliver.c)
 * @sweep: forgets processes that ended
 * @connections: protected connections, kept by connection.c
 * @ending: those that are blocked and not closed yet, kept by ending.c
 */
struct signet_node {
	refcount_t refs;
	struct list_head link;
	u32 netns;
	bool host;
	ktime_t created;
	struct mutex change; /* of agent and identities */
	struct signet_policy_slot policy;

	spinlock_t lock; /* everything below */
	struct signet_agent agent;
	DECLARE_HASHTABLE(processes, SIGNET_PROCESS_HASH_BITS);
	struct list_head process_lru;
	unsigned int process_count;
	DECLARE_HASHTABLE(quotas, SIGNET_QUOTA_HASH_BITS);
	struct list_head unsent;
	struct list_head asked;
	unsigned int in_flight;
	unsigned int resolutions;
	DECLARE_HASHTABLE(identities, SIGNET_IDENTITY_HASH_BITS);
	unsigned int identity_count;
	struct list_head requests;

	struct delayed_work deliver;
	struct delayed_work sweep;

	atomic_t connections;
	atomic_t ending;

	struct work_struct destroy;
};

/**
 * signet_node_get - the node that a network namespace belongs to
 * @net: the socket's network namespace
 *
 * Any context but NMI; doesn't sleep.
 *
 * Return: a reference on the namespace's own node, or else on the host's; never NULL while the
 * module's hooks are installed.
 */
struct signet_node *signet_node_get(struct net *net);

/**
 * signet_node_hold - one more reference on a node that the caller already holds
 * @node: the node
 */
static inline struct signet_node *signet_node_hold(struct signet_node *node)
{
	refcount_inc(&node->refs);
	return node;
}

/**
 * signet_node_put - give a reference back
 * @node: the node
 *
 * Any context; what is left to be freed is freed by a work item.
 */
void signet_node_put(struct signet_node *node);

/**
 * signet_agent_register - make a netlink socket the agent of a node
 * @node: the node, whose change mutex is held
 * @net: the socket's network namespace
 * @portid: the socket's
 *
 * In the context of the agent's process. All that an earlier agent was asked and didn't answer is
 * asked again. An agent whose process ended, though its socket lives on in another, is replaced.
 *
 * Return: 0, or -EBUSY while another agent is registered.
 */
int signet_agent_register(struct signet_node *node, struct net *net, u32 portid);

/**
 * signet_agent_leave - a netlink socket is closed
 * @net: the socket's network namespace
 * @portid: the socket's
 *
 * No-op when it was no agent's. Sleeps.
 */
void signet_agent_leave(struct net *net, u32 portid);

/**
 * signet_agent_registered - is there an agent to ask?
 * @node: the node, whose lock is held
 */
bool signet_agent_registered(const struct signet_node *node);

/**
 * signet_node_bind - the node of a network namespace's own, made when there is none
 * @net: the namespace
 *
 * For the initial namespace that is the host's node. Sleeps.
 *
 * Return: a reference, or NULL without memory.
 */
struct signet_node *signet_node_bind(struct net *net);

/**
 * signet_node_of_agent - the node whose registered agent is the sender of a message
 * @net: of the sender's socket
 * @portid: of the sender's socket
 *
 * Return: a reference, or NULL when no agent is registered by that socket.
 */
struct signet_node *signet_node_of_agent(struct net *net, u32 portid);

/**
 * signet_node_renew_keys - new keys for all identities of all nodes whose keys another machine has
 *
 * After signet_identity_key_share(). Sleeps.
 */
void signet_node_renew_keys(void);

/**
 * signet_node_init - network namespaces and the host's node
 * @deliver: work function of a node's @deliver: sends the agent what waits for it
 *
 * Return: 0 or a negative errno.
 */
int signet_node_init(work_func_t deliver);
/* After the hooks are gone and every connection with them. Sleeps. */
void signet_node_exit(void);

/* The revision of the policy in force on a node, or in a network namespace; 0 when none is. */
u64 signet_node_revision(struct signet_node *node);
u64 signet_node_revision_in(struct net *net);

/* How many sessions of a network namespace's node are blocked and not closed yet. */
unsigned int signet_node_ending_in(struct net *net);

/* Where the work of the control side runs: keys, messages to the agent, answers. */
extern struct workqueue_struct *signet_agent_wq;

#endif
