// SPDX-License-Identifier: GPL-2.0
/* The scope: where Signet acts at all. Asked for every TCP connection of the machine. */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sched/signal.h>

#include "core/policy/tables.h"
#include "policy/endpoint.h"
#include "policy/policy.h"
#include "policy/scope.h"
#include "policy/slot.h"

static bool is_exempt(const struct signet_policy_slot *slot, const struct pid *process)
{
	/* Compared, not followed: whether it is the one doesn't change while that runs. */
	return READ_ONCE(slot->exempt) == process;
}

static enum signet_scope scope(struct signet_policy_slot *slot, enum signet_direction direction,
			       const struct sockaddr *address, const struct pid *process)
{
	const struct signet_endpoint other = { .len = 4 };
	const struct signet_policy *policy;
	struct signet_endpoint endpoint;
	bool inside = false;

	if (!signet_endpoint_of(&endpoint, address))
		return SIGNET_SCOPE_OUTSIDE;
	rcu_read_lock();
	policy = rcu_dereference(slot->in_force);
	if (policy && !is_exempt(slot, process))
		inside = signet_tables_covers(policy->tables, direction,
					      direction == SIGNET_INBOUND ? &endpoint : &other,
					      direction == SIGNET_OUTBOUND ? &endpoint : &other);
	rcu_read_unlock();
	return inside ? SIGNET_SCOPE_INSIDE : SIGNET_SCOPE_OUTSIDE;
}

enum signet_scope signet_scope_connect(struct signet_policy_slot *slot,
				       const struct sockaddr *remote)
{
	return scope(slot, SIGNET_OUTBOUND, remote, task_tgid(current));
}

enum signet_scope signet_scope_accept(struct signet_policy_slot *slot,
				      const struct sockaddr *local, const struct pid *process)
{
	return scope(slot, SIGNET_INBOUND, local, process);
}

bool signet_scope_loaded(struct signet_policy_slot *slot)
{
	const struct signet_policy *policy;
	bool loaded;

	rcu_read_lock();
	policy = rcu_dereference(slot->in_force);
	loaded = policy && (signet_tables_network_at(policy->tables, 0) ||
			    signet_tables_destination_at(policy->tables, 0));
	rcu_read_unlock();
	return loaded && !is_exempt(slot, task_tgid(current));
}
