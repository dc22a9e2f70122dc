// SPDX-License-Identifier: GPL-2.0
/* svid-request, svid-install, svid-refuse, svid-renew, identity-get. */
#include "identity/identity.h"
#include "identity/node.h"
#include "netlink/family.h"
#include "policy/revocation.h"

int signet_netlink_request(struct sk_buff *skb, const struct signet_identity *identity)
{
	void *message = genlmsg_put(skb, 0, 0, &signet_family, 0, SIGNET_CMD_SVID_REQUEST);
	const struct signet_key_request *request = identity->request;

	if (!message || nla_put_u32(skb, SIGNET_A_IDENTITY_ID, identity->id) ||
	    nla_put_string(skb, SIGNET_A_IDENTITY_SPIFFE_ID, identity->spiffe_id) ||
	    nla_put_string(skb, SIGNET_A_IDENTITY_ENTRY_ID, identity->entry_id) ||
	    nla_put_u32(skb, SIGNET_A_IDENTITY_GENERATION, request->generation) ||
	    nla_put(skb, SIGNET_A_IDENTITY_CSR, request->csr_len, request->csr))
		return -EMSGSIZE;
	genlmsg_end(skb, message);
	return 0;
}

static int need_id(struct genl_info *info, u32 *id)
{
	if (GENL_REQ_ATTR_CHECK(info, SIGNET_A_IDENTITY_ID)) {
		GENL_SET_ERR_MSG(info, "id is missing");
		return -EINVAL;
	}
	*id = nla_get_u32(info->attrs[SIGNET_A_IDENTITY_ID]);
	return 0;
}

static int need_request(struct genl_info *info, u32 *id, u32 *generation)
{
	int err = need_id(info, id);

	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, SIGNET_A_IDENTITY_GENERATION)) {
		GENL_SET_ERR_MSG(info, "generation is missing");
		return -EINVAL;
	}
	*generation = nla_get_u32(info->attrs[SIGNET_A_IDENTITY_GENERATION]);
	return 0;
}

static int install(struct signet_node *node, struct genl_info *info)
{
	struct signet_bytes chain[SIGNET_CHAIN_MAX];
	const struct nlattr *attr;
	size_t count = 0;
	u32 id, generation;
	int rest, err;

	err = need_request(info, &id, &generation);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (nla_type(attr) != SIGNET_A_IDENTITY_CERTIFICATE)
			continue;
		if (count == SIGNET_CHAIN_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "a chain has at most 4 certificates");
			return -E2BIG;
		}
		chain[count].data = nla_data(attr);
		chain[count].len = nla_len(attr);
		count++;
	}
	if (!count) {
		GENL_SET_ERR_MSG(info, "certificate is missing");
		return -EINVAL;
	}
	return signet_svid_install(node, id, generation, chain, count, info->extack);
}

int signet_svid_install_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	int err;

	BUILD_BUG_ON(SIGNET_CHAIN_MAX != SIGNET_MAX_CHAIN);
	BUILD_BUG_ON(SIGNET_SPIFFE_ID_MAX != SIGNET_MAX_SPIFFE_ID);
	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->change);
	err = install(node, info);
	mutex_unlock(&node->change);
	signet_netlink_leave(node);
	return err;
}

static int refuse(struct signet_node *node, struct genl_info *info)
{
	const struct nlattr *retry = info->attrs[SIGNET_A_IDENTITY_RETRY_AFTER_MS];
	const struct nlattr *refusal = info->attrs[SIGNET_A_IDENTITY_REFUSAL];
	u32 id, generation;
	int err;

	err = need_request(info, &id, &generation);
	if (err)
		return err;
	if (!refusal || nla_len(refusal) < 2) {
		GENL_SET_ERR_MSG(info, "refusal is missing");
		return -EINVAL;
	}
	if (info->attrs[SIGNET_A_IDENTITY_PENDING])
		return signet_svid_delay(node, id, generation, nla_data(refusal), info->extack);
	return signet_svid_refuse(node, id, generation, nla_data(refusal),
				  retry ? nla_get_u32(retry) : 0, info->extack);
}

int signet_svid_refuse_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->change);
	err = refuse(node, info);
	mutex_unlock(&node->change);
	signet_netlink_leave(node);
	return err;
}

int signet_svid_renew_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct signet_node *node = signet_netlink_enter(skb, info);
	u32 id;
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	mutex_lock(&node->change);
	err = need_id(info, &id);
	if (!err)
		err = signet_svid_renew(node, id, info->extack);
	mutex_unlock(&node->change);
	signet_netlink_leave(node);
	return err;
}

static int put_credential(struct sk_buff *skb, const struct signet_credential *credential,
			  bool chain)
{
	size_t i;

	for (i = 0; chain && i < credential->tls.chain_count; i++)
		if (nla_put(skb, SIGNET_A_IDENTITY_CERTIFICATE, credential->tls.chain[i].len,
			    credential->tls.chain[i].data))
			return -EMSGSIZE;
	return nla_put_string(skb, SIGNET_A_IDENTITY_SERIAL, credential->serial) ||
	       nla_put_s64(skb, SIGNET_A_IDENTITY_NOT_BEFORE, credential->not_before,
			   SIGNET_A_IDENTITY_PAD) ||
	       nla_put_s64(skb, SIGNET_A_IDENTITY_NOT_AFTER, credential->not_after,
			   SIGNET_A_IDENTITY_PAD) ? -EMSGSIZE : 0;
}

static int put_identity(struct sk_buff *skb, struct signet_node *node,
			const struct signet_identity *identity, bool chain)
{
	const struct signet_credential *credential = identity->credential;
	u32 generation = credential ? credential->generation : identity->generation;
	bool pending = identity->request || identity->making;
	bool revoked = signet_revoked_spiffe_id(&node->policy, identity->spiffe_id) ||
		       (credential && signet_revoked_serial(&node->policy, credential->serial));

	return nla_put_u32(skb, SIGNET_A_IDENTITY_ID, identity->id) ||
	       nla_put_string(skb, SIGNET_A_IDENTITY_SPIFFE_ID, identity->spiffe_id) ||
	       nla_put_string(skb, SIGNET_A_IDENTITY_ENTRY_ID, identity->entry_id) ||
	       nla_put_u32(skb, SIGNET_A_IDENTITY_GENERATION, generation) ||
	       (credential && put_credential(skb, credential, chain)) ||
	       (pending && nla_put_flag(skb, SIGNET_A_IDENTITY_PENDING)) ||
	       (identity->refusal[0] &&
		nla_put_string(skb, SIGNET_A_IDENTITY_REFUSAL, identity->refusal)) ||
	       (revoked && nla_put_flag(skb, SIGNET_A_IDENTITY_REVOKED)) ||
	       nla_put_u32(skb, SIGNET_A_IDENTITY_CONNECTIONS, atomic_read(&identity->uses)) ?
		       -EMSGSIZE : 0;
}

static int dump_identity(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct signet_identity *identity, bool chain)
{
	void *message = signet_dump_message(skb, cb, SIGNET_CMD_IDENTITY_GET);

	if (!message)
		return -EMSGSIZE;
	if (put_identity(skb, signet_dump(cb)->node, identity, chain)) {
		genlmsg_cancel(skb, message);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, message);
	return 0;
}

/* Goes on at the bucket and the place in it where the last message ended. */
int signet_identity_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct signet_dump *dump = signet_dump(cb);
	const struct signet_identity *identity;
	struct signet_node *node = dump->node;
	u64 place;
	int err = 0;

	for (; dump->phase < HASH_SIZE(node->identities); dump->phase++, dump->after = 0) {
		place = 0;
		spin_lock(&node->lock);
		hlist_for_each_entry(identity, &node->identities[dump->phase], hash) {
			if (place++ < dump->after)
				continue;
			err = dump_identity(skb, cb, identity, true);
			/* A chain too long for any message of this reader is left out. */
			if (err && !skb->len)
				err = dump_identity(skb, cb, identity, false);
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
