// SPDX-License-Identifier: GPL-2.0
#include "policy/revocation.h"

#include <linux/rcupdate.h>
#include <net/netlink.h>

#include "identity/node.h"
#include "netlink/generated/attributes.h"
#include "policy/policy.h"

bool signet_revoked_serial(struct signet_node *node, const char *serial)
{
	const struct signet_policy *policy;
	bool revoked;

	rcu_read_lock();
	policy = rcu_dereference(node->policy);
	revoked = policy && signet_revocations_has_serial(rcu_dereference(policy->revocations),
							  serial);
	rcu_read_unlock();
	return revoked;
}

bool signet_revoked_spiffe_id(struct signet_node *node, const char *spiffe_id)
{
	const struct signet_policy *policy;
	bool revoked;

	rcu_read_lock();
	policy = rcu_dereference(node->policy);
	revoked = policy && signet_revocations_has_spiffe_id(rcu_dereference(policy->revocations),
							     spiffe_id);
	rcu_read_unlock();
	return revoked;
}

int signet_revocation_parse(struct signet_revocation *revocation, const struct nlattr *attr,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(signet_revocation_nl_policy)];
	const struct nlattr *serial, *spiffe_id;
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, attr, signet_revocation_nl_policy, extack);
	if (err)
		return err;
	serial = tb[SIGNET_A_REVOCATION_SERIAL];
	spiffe_id = tb[SIGNET_A_REVOCATION_SPIFFE_ID];
	if (!serial == !spiffe_id) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a revocation names either a serial number or a SPIFFE ID");
		return -EINVAL;
	}
	revocation->id = tb[SIGNET_A_REVOCATION_ID] ?
				 nla_get_u64(tb[SIGNET_A_REVOCATION_ID]) : 0;
	revocation->serial = serial ? nla_data(serial) : NULL;
	revocation->spiffe_id = spiffe_id ? nla_data(spiffe_id) : NULL;
	return 0;
}

int signet_revocations_publish(struct signet_node *node,
			       const struct signet_revocation *revocations, size_t count)
{
	struct signet_revocations *set, *old;
	struct signet_policy *policy;
	int err = 0;
	size_t i;

	lockdep_assert_held(&node->control);
	policy = rcu_dereference_protected(node->policy, lockdep_is_held(&node->control));
	if (!policy)
		return -ENODATA;
	old = rcu_dereference_protected(policy->revocations, lockdep_is_held(&node->control));
	set = signet_revocations_copy(old);
	if (!set)
		return -ENOMEM;
	for (i = 0; i < count && !err; i++)
		err = signet_revocations_add(set, &revocations[i]);
	if (err) {
		signet_revocations_free(set);
		return err;
	}
	rcu_assign_pointer(policy->revocations, set);
	signet_policy_changed(node, NULL);
	synchronize_rcu();
	signet_revocations_free(old);
	return 0;
}
