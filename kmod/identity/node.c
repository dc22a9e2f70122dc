// SPDX-License-Identifier: GPL-2.0
#include "identity/node.h"

#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include "identity/identity.h"
#include "identity/key.h"
#include "identity/process.h"
#include "policy/load.h"
#include "policy/policy.h"
#include "watch/trace.h"

/**
 * struct signet_net - the module's part of a network namespace
 * @node: its own node; RCU; NULL where the host's node serves; written under signet_bind_mutex
 */
struct signet_net {
	struct signet_node __rcu *node;
};

static unsigned int signet_net_id;
static struct signet_node *signet_host;
static DEFINE_MUTEX(signet_bind_mutex);
static LIST_HEAD(nodes); /* guarded by signet_bind_mutex */
static work_func_t node_deliver __read_mostly;
struct workqueue_struct *signet_agent_wq;

static struct signet_net *part_of(struct net *net)
{
	return net_generic(net, signet_net_id);
}

struct signet_node *signet_node_get(struct net *net)
{
	struct signet_node *node;

	rcu_read_lock();
	node = rcu_dereference(part_of(net)->node);
	if (node && !refcount_inc_not_zero(&node->refs))
		node = NULL;
	rcu_read_unlock();
	return node ? node : signet_node_hold(signet_host);
}

static void node_destroy(struct work_struct *work)
{
	struct signet_node *node = container_of(work, struct signet_node, destroy);

	cancel_delayed_work_sync(&node->sweep);
	cancel_delayed_work_sync(&node->deliver);
	mutex_lock(&signet_bind_mutex);
	list_del(&node->link);
	mutex_unlock(&signet_bind_mutex);
	signet_process_forget_all(node);
	signet_identity_forget_all(node);
	/* A key that was made meanwhile wanted to be delivered. */
	cancel_delayed_work_sync(&node->sweep);
	cancel_delayed_work_sync(&node->deliver);
	signet_policy_slot_clear(&node->policy);
	put_pid(node->agent.pid);
	mutex_destroy(&node->change);
	/* Readers of part_of.node may still look at the reference count. */
	synchronize_rcu();
	kfree(node);
}

void signet_node_put(struct signet_node *node)
{
	if (refcount_dec_and_test(&node->refs))
		queue_work(signet_agent_wq, &node->destroy);
}

static struct signet_node *node_new(struct net *net)
{
	struct signet_node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	lockdep_assert_held(&signet_bind_mutex);
	if (!node)
		return NULL;
	refcount_set(&node->refs, 1);
	node->netns = net->ns.inum;
	node->host = net_eq(net, &init_net);
	node->created = ktime_get_boottime();
	mutex_init(&node->change);
	if (signet_policy_slot_init(&node->policy)) {
		mutex_destroy(&node->change);
		kfree(node);
		return NULL;
	}
	spin_lock_init(&node->lock);
	hash_init(node->processes);
	hash_init(node->quotas);
	hash_init(node->identities);
	INIT_LIST_HEAD(&node->process_lru);
	INIT_LIST_HEAD(&node->unsent);
	INIT_LIST_HEAD(&node->asked);
	INIT_LIST_HEAD(&node->requests);
	INIT_DELAYED_WORK(&node->deliver, node_deliver);
	INIT_DELAYED_WORK(&node->sweep, signet_process_sweep);
	INIT_WORK(&node->destroy, node_destroy);
	list_add(&node->link, &nodes);
	return node;
}

struct signet_node *signet_node_bind(struct net *net)
{
	struct signet_net *own = part_of(net);
	struct signet_node *node;

	if (net_eq(net, &init_net))
		return signet_node_hold(signet_host);
	mutex_lock(&signet_bind_mutex);
	node = rcu_dereference_protected(own->node, lockdep_is_held(&signet_bind_mutex));
	if (!node) {
		node = node_new(net);
		rcu_assign_pointer(own->node, node);
	}
	/* The table's reference is there as long as the mutex is held or the namespace lives. */
	if (node)
		signet_node_hold(node);
	mutex_unlock(&signet_bind_mutex);
	return node;
}

bool signet_agent_registered(const struct signet_node *node)
{
	lockdep_assert_held(&node->lock);
	return node->agent.portid;
}

static bool is_agent(struct signet_node *node, const struct net *net, u32 portid)
{
	bool is;

	spin_lock(&node->lock);
	is = node->agent.portid == portid && net_eq(node->agent.net, net);
	spin_unlock(&node->lock);
	return is;
}

struct signet_node *signet_node_of_agent(struct net *net, u32 portid)
{
	struct signet_node *node = signet_node_get(net);

	if (is_agent(node, net, portid))
		return node;
	signet_node_put(node);
	return is_agent(signet_host, net, portid) ? signet_node_hold(signet_host) : NULL;
}

static bool agent_ended(const struct signet_node *node)
{
	bool ended;

	rcu_read_lock();
	ended = !pid_task(node->agent.pid, PIDTYPE_TGID);
	rcu_read_unlock();
	return ended;
}

int signet_agent_register(struct signet_node *node, struct net *net, u32 portid)
{
	struct pid *old;

	lockdep_assert_held(&node->change);
	spin_lock(&node->lock);
	if (node->agent.portid && !agent_ended(node)) {
		spin_unlock(&node->lock);
		return -EBUSY;
	}
	old = node->agent.pid;
	node->agent.portid = portid;
	node->agent.net = net;
	node->agent.pid = get_pid(task_tgid(current));
	WRITE_ONCE(node->policy.exempt, node->agent.pid);
	signet_process_unsend_all(node);
	signet_identity_unsend_all(node);
	signet_identity_forget_refusals(node);
	spin_unlock(&node->lock);

	put_pid(old);
	trace_signet_agent(node->netns, true);
	queue_delayed_work(signet_agent_wq, &node->deliver, 0);
	return 0;
}

void signet_agent_leave(struct net *net, u32 portid)
{
	struct signet_node *node = portid ? signet_node_of_agent(net, portid) : NULL;
	struct pid *old;

	if (!node)
		return;
	mutex_lock(&node->change);
	if (!is_agent(node, net, portid)) {
		mutex_unlock(&node->change);
		signet_node_put(node);
		return;
	}
	/* What it was sending is nobody's now; another agent isn't registered yet. */
	mutex_lock(&node->policy.lock);
	signet_policy_abort(&node->policy);
	mutex_unlock(&node->policy.lock);
	spin_lock(&node->lock);
	old = node->agent.pid;
	node->agent.portid = 0;
	node->agent.net = NULL;
	node->agent.pid = NULL;
	WRITE_ONCE(node->policy.exempt, NULL);
	spin_unlock(&node->lock);
	mutex_unlock(&node->change);
	put_pid(old);
	trace_signet_agent(node->netns, false);
	signet_node_put(node);
}

static void __net_exit net_stop(struct net *net)
{
	struct signet_net *own = part_of(net);
	struct signet_node *node;

	mutex_lock(&signet_bind_mutex);
	node = rcu_dereference_protected(own->node, lockdep_is_held(&signet_bind_mutex));
	RCU_INIT_POINTER(own->node, NULL);
	mutex_unlock(&signet_bind_mutex);
	if (node)
		signet_node_put(node);
}

u64 signet_node_revision(struct signet_node *node)
{
	struct signet_policy *policy = signet_policy_get(&node->policy);
	u64 revision = policy ? policy->revision : 0;

	signet_policy_put(policy);
	return revision;
}

u64 signet_node_revision_in(struct net *net)
{
	struct signet_node *node = signet_node_get(net);
	u64 revision = signet_node_revision(node);

	signet_node_put(node);
	return revision;
}

unsigned int signet_node_ending_in(struct net *net)
{
	struct signet_node *node = signet_node_get(net);
	unsigned int ending = atomic_read(&node->ending);

	signet_node_put(node);
	return ending;
}

void signet_node_renew_keys(void)
{
	struct signet_node *node;

	mutex_lock(&signet_bind_mutex);
	list_for_each_entry(node, &nodes, link) {
		mutex_lock(&node->change);
		signet_identity_renew_shared(node);
		mutex_unlock(&node->change);
	}
	mutex_unlock(&signet_bind_mutex);
}

static struct pernet_operations signet_net_ops = {
	.exit = net_stop,
	.id = &signet_net_id,
	.size = sizeof(struct signet_net),
};

int signet_node_init(work_func_t deliver)
{
	int err = signet_process_check_layout();

	if (err) {
		pr_err("signet: this kernel keeps namespaces otherwise than the one it was built for\n");
		return err;
	}
	node_deliver = deliver;
	signet_identity_key_warn();
	signet_agent_wq = alloc_workqueue("signet_control", WQ_UNBOUND, 0);
	if (!signet_agent_wq)
		return -ENOMEM;
	mutex_lock(&signet_bind_mutex);
	signet_host = node_new(&init_net);
	mutex_unlock(&signet_bind_mutex);
	err = signet_host ? register_pernet_subsys(&signet_net_ops) : -ENOMEM;
	if (err) {
		if (signet_host)
			signet_policy_slot_clear(&signet_host->policy);
		kfree(signet_host);
		destroy_workqueue(signet_agent_wq);
	}
	return err;
}

void signet_node_exit(void)
{
	unregister_pernet_subsys(&signet_net_ops);
	signet_node_put(signet_host);
	destroy_workqueue(signet_agent_wq);
}
