// SPDX-License-Identifier: GPL-2.0
/* process-identify, process-answer, process-flush, process-get. */
#include <linux/types.h>
#include <linux/kdev_t.h>

#include "core/x509/x509.h"
#include "identity/identity.h"
#include "identity/node.h"
#include "identity/process.h"
#include "netlink/family.h"
#include "policy/policy.h"

static int put_facts(struct sk_buff *skb, const struct signet_process *process)
{
	const struct signet_process_facts *facts = &process->facts;

	return nla_put_u32(skb, SIGNET_A_PROCESS_PID, pid_nr(facts->pid)) ||
	       nla_put_u64_64bit(skb, SIGNET_A_PROCESS_START_TIME_NS, facts->start_ns,
				 SIGNET_A_PROCESS_PAD) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_UID, from_kuid(&init_user_ns, facts->uid)) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_GID, from_kgid(&init_user_ns, facts->gid)) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_EXE_DEVICE_MAJOR, MAJOR(facts->exe_device)) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_EXE_DEVICE_MINOR, MINOR(facts->exe_device)) ||
	       nla_put_u64_64bit(skb, SIGNET_A_PROCESS_EXE_INODE, facts->exe_inode,
				 SIGNET_A_PROCESS_PAD) ||
	       nla_put_u64_64bit(skb, SIGNET_A_PROCESS_GENERATION, process->generation,
				 SIGNET_A_PROCESS_PAD) ? -EMSGSIZE : 0;
}

static int put_surroundings(struct sk_buff *skb, const struct signet_process *process)
{
	const struct signet_process_facts *facts = &process->facts;

	return nla_put_u32(skb, SIGNET_A_PROCESS_TID, process->tid) ||
	       nla_put_string(skb, SIGNET_A_PROCESS_EXE_PATH, process->exe_path) ||
	       nla_put_string(skb, SIGNET_A_PROCESS_CGROUP, process->cgroup_path) ||
	       nla_put_u64_64bit(skb, SIGNET_A_PROCESS_CAPABILITIES, facts->capabilities,
				 SIGNET_A_PROCESS_PAD) ||
	       (facts->no_new_privs && nla_put_flag(skb, SIGNET_A_PROCESS_NO_NEW_PRIVS)) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_USER_NS, facts->user_ns) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_MOUNT_NS, facts->mount_ns) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_NETWORK_NS, facts->network_ns) ||
	       nla_put_u32(skb, SIGNET_A_PROCESS_PID_NS, facts->pid_ns) ? -EMSGSIZE : 0;
}

int signet_netlink_question(struct sk_buff *skb, const struct signet_process *process)
{
	void *message = genlmsg_put(skb, 0, 0, &signet_family, 0, SIGNET_CMD_PROCESS_IDENTIFY);

	if (!message ||
	    nla_put_u64_64bit(skb, SIGNET_A_PROCESS_REQUEST, process->request,
			      SIGNET_A_PROCESS_PAD) ||
	    put_facts(skb, process) || put_surroundings(skb, process))
		return -EMSGSIZE;
	genlmsg_end(skb, message);
	return 0;
}

/* A workload of this node's trust domain, and none of Signet's own names. */
static int check_workload_id(struct signet_node *node, const struct nlattr *attr,
			     struct netlink_ext_ack *extack)
{
	static const char reserved[] = "/signet/";
	const size_t scheme = strlen("spiffe://");
	struct signet_policy *policy;
	const char *id = nla_data(attr);
	size_t len = strlen(id);
	bool ours = true;
	size_t path;

	if (!signet_spiffe_id_valid(id, len, &path) || path == len) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "this is not a SPIFFE ID with a path");
		return -EINVAL;
	}
	if (!strncmp(id + path, reserved, strlen(reserved)) || !strcmp(id + path, "/signet")) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "paths under /signet are not for workloads");
		return -EINVAL;
	}
	policy = signet_policy_get(&node->policy);
	if (policy)
		ours = strlen(policy->trust_domain) == path - scheme &&
		       !memcmp(policy->trust_domain, id + scheme, path - scheme);
	signet_policy_put(policy);
	if (!ours) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the SPIFFE ID is of another trust domain");
		return -EINVAL;
	}
	return 0;
}

static int take_answer(struct signet_node *node, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	const struct nlattr *spiffe_id = attrs[SIGNET_A_PROCESS_SPIFFE_ID];
	const struct nlattr *entry_id = attrs[SIGNET_A_PROCESS_ENTRY_ID];
	enum signet_verdict verdict;
	bool complete;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SIGNET_A_PROCESS_REQUEST) ||
	    GENL_REQ_ATTR_CHECK(info, SIGNET_A_PROCESS_VERDICT)) {
		GENL_SET_ERR_MSG(info, "an answer needs request and verdict");
		return -EINVAL;
	}
	verdict = nla_get_u32(attrs[SIGNET_A_PROCESS_VERDICT]);
	complete = spiffe_id && entry_id;
	if (verdict == SIGNET_VERDICT_IDENTITY ? !complete : spiffe_id || entry_id) {
		GENL_SET_ERR_MSG(info, "spiffe-id and entry-id belong to the verdict identity");
		return -EINVAL;
	}
	if (spiffe_id) {
		err = check_workload_id(node, spiffe_id, info->extack);
		if (err)
			return err;
	}
	err = signet_process_answer(node, nla_get_u64(attrs[SIGNET_A_PROCESS_REQUEST]), verdict,
				    spiffe_id ? nla_data(spiffe_id) : NULL,
				    entry_id ? nla_data(entry_id) : NULL);
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SIGNET_A_PROCESS_REQUEST],
				    "nobody waits for this answer");
	if (err == -ENOBUFS)
		GENL_SET_ERR_MSG(info, "the node has too many identities in use");
	return err;
}

int signet_process_answer_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->change);
	err = take_answer(node, info);
	mutex_unlock(&node->change);
	signet_netlink_leave(node);
	return err;
}

int signet_process_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);

	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->change);
	signet_process_flush(node);
	mutex_unlock(&node->change);
	signet_netlink_leave(node);
	return 0;
}

static int dump_process(struct sk_buff *skb, struct netlink_callback *cb,
			const struct signet_process *process)
{
	void *message = signet_dump_message(skb, cb, SIGNET_CMD_PROCESS_GET);
	bool known = process->state == SIGNET_PROCESS_KNOWN;

	if (!message)
		return -EMSGSIZE;
	if (put_facts(skb, process) ||
	    (known && nla_put_u32(skb, SIGNET_A_PROCESS_VERDICT, process->verdict)) ||
	    (known && process->identity &&
	     nla_put_string(skb, SIGNET_A_PROCESS_SPIFFE_ID, process->identity->spiffe_id)) ||
	    (known && process->entry_id &&
	     nla_put_string(skb, SIGNET_A_PROCESS_ENTRY_ID, process->entry_id))) {
		genlmsg_cancel(skb, message);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, message);
	return 0;
}

/* Goes on at the bucket and the place in it where the last message ended. */
int signet_process_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct signet_dump *dump = signet_dump(cb);
	struct signet_node *node = dump->node;
	const struct signet_process *process;
	u64 place;
	int err = 0;

	for (; dump->phase < HASH_SIZE(node->processes); dump->phase++, dump->after = 0) {
		place = 0;
		spin_lock(&node->lock);
		hlist_for_each_entry(process, &node->processes[dump->phase], hash) {
			if (place++ < dump->after)
				continue;
			err = dump_process(skb, cb, process);
			if (err)
				break;
			dump->after++;
		}
		spin_unlock(&node->lock);
		if (err)
			return skb->len ? skb->len : err;
	}
	return skb->len;
}
