// SPDX-License-Identifier: GPL-2.0
#include "identity/identity.h"

#include <linux/jhash.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "identity/key.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "policy/policy.h"
#include "policy/revocation.h"
#include "watch/trace.h"

/* A request names one SPIFFE ID beside key and signature. */
#define SIGNET_CSR_MAX (SIGNET_SPIFFE_ID_MAX + 512)

static atomic_t signet_identity_ids = ATOMIC_INIT(0);

struct signet_credential *signet_credential_get(struct signet_credential *credential)
{
	refcount_inc(&credential->refs);
	atomic_inc(&credential->identity->uses);
	return credential;
}

/* The last reference, whoever held it. */
static void credential_free(struct signet_credential *credential)
{
	struct signet_identity *identity = credential->identity;

	kfree_sensitive(credential);
	signet_identity_put(identity);
}

void signet_credential_put(struct signet_credential *credential)
{
	if (!credential)
		return;
	atomic_dec(&credential->identity->uses);
	if (refcount_dec_and_test(&credential->refs))
		credential_free(credential);
}

/* The identity's own reference, which is no use. NULL is fine. */
static void credential_retire(struct signet_credential *credential)
{
	if (credential && refcount_dec_and_test(&credential->refs))
		credential_free(credential);
}

bool signet_credential_shared(const struct signet_credential *credential)
{
	return signet_identity_key_shared(credential->machine);
}

void signet_identity_put(struct signet_identity *identity)
{
	if (!identity || !refcount_dec_and_test(&identity->refs))
		return;
	WARN_ON_ONCE(identity->credential || !list_empty(&identity->waiting));
	kfree_sensitive(identity->request);
	kfree(identity->spiffe_id);
	kfree(identity);
}

static u32 id_hash(const char *spiffe_id)
{
	return jhash(spiffe_id, strlen(spiffe_id), 0);
}

static struct signet_identity *find_by_spiffe_id(struct signet_node *node, const char *spiffe_id)
{
	struct signet_identity *identity;

	lockdep_assert_held(&node->lock);
	hash_for_each_possible(node->identities, identity, hash, id_hash(spiffe_id))
		if (!strcmp(identity->spiffe_id, spiffe_id))
			return identity;
	return NULL;
}

struct signet_identity *signet_identity_find(struct signet_node *node, u32 id)
{
	struct signet_identity *identity;
	unsigned int bucket;

	lockdep_assert_held(&node->lock);
	hash_for_each(node->identities, bucket, identity, hash)
		if (identity->id == id)
			return identity;
	return NULL;
}

/* With the lock held: out of the table. The caller drops what it returns, without the lock. */
static struct signet_credential *unlink_identity(struct signet_node *node,
						 struct signet_identity *identity)
{
	struct signet_credential *credential = identity->credential;

	hash_del(&identity->hash);
	list_del_init(&identity->request_link);
	node->identity_count--;
	identity->credential = NULL;
	return credential;
}

/* Only the table and its own credential hold it. */
static bool unused(const struct signet_identity *identity)
{
	return !identity->making && !atomic_read(&identity->uses) &&
	       refcount_read(&identity->refs) == (identity->credential ? 2 : 1);
}

static bool evict_one(struct signet_node *node)
{
	struct signet_credential *credential;
	struct signet_identity *identity;
	unsigned int bucket;

	spin_lock(&node->lock);
	hash_for_each(node->identities, bucket, identity, hash) {
		if (!unused(identity))
			continue;
		credential = unlink_identity(node, identity);
		spin_unlock(&node->lock);
		credential_retire(credential);
		signet_identity_put(identity);
		return true;
	}
	spin_unlock(&node->lock);
	return false;
}

static void make_key_work(struct work_struct *work);

static struct signet_identity *identity_new(struct signet_node *node, const char *spiffe_id)
{
	struct signet_identity *identity = kzalloc(sizeof(*identity), GFP_KERNEL);

	if (!identity)
		return NULL;
	identity->spiffe_id = kstrdup(spiffe_id, GFP_KERNEL);
	if (!identity->spiffe_id) {
		kfree(identity);
		return NULL;
	}
	refcount_set(&identity->refs, 1);
	identity->node = node;
	identity->id = atomic_inc_return(&signet_identity_ids);
	INIT_LIST_HEAD(&identity->request_link);
	INIT_LIST_HEAD(&identity->waiting);
	INIT_WORK(&identity->make_key, make_key_work);
	return identity;
}

struct signet_identity *signet_identity_get(struct signet_node *node, const char *spiffe_id,
					    const char *entry_id)
{
	struct signet_identity *identity, *fresh = NULL;

	/* Nobody else makes identities meanwhile, so that the second look finds none either. */
	lockdep_assert_held(&node->change);
	for (;;) {
		spin_lock(&node->lock);
		identity = find_by_spiffe_id(node, spiffe_id);
		if (!identity && fresh) {
			identity = fresh;
			hash_add(node->identities, &identity->hash, id_hash(spiffe_id));
			node->identity_count++;
		}
		if (identity) {
			refcount_inc(&identity->refs);
			strscpy(identity->entry_id, entry_id, sizeof(identity->entry_id));
		}
		spin_unlock(&node->lock);
		if (identity)
			return identity;

		if (node->identity_count >= SIGNET_IDENTITIES_MAX && !evict_one(node))
			return ERR_PTR(-ENOBUFS);
		fresh = identity_new(node, spiffe_id);
		if (!fresh)
			return ERR_PTR(-ENOMEM);
	}
}

bool signet_identity_refused(const struct signet_identity *identity)
{
	lockdep_assert_held(&identity->node->lock);
	return identity->refused_for_good ||
	       (identity->refusal[0] &&
		ktime_before(ktime_get_boottime(), identity->refused_until));
}

static void clear_refusal(struct signet_identity *identity)
{
	identity->refusal[0] = '\0';
	identity->refused_for_good = false;
}

void signet_identity_want_key(struct signet_identity *identity)
{
	lockdep_assert_held(&identity->node->lock);
	if (identity->making)
		return;
	identity->making = true;
	refcount_inc(&identity->refs);
	queue_work(signet_agent_wq, &identity->make_key);
}

static struct signet_key_request *request_new(const struct signet_identity *identity)
{
	struct signet_key_request *request = kzalloc(sizeof(*request) + SIGNET_CSR_MAX,
						     GFP_KERNEL);
	int err;

	if (!request)
		return ERR_PTR(-ENOMEM);
	request->csr_len = SIGNET_CSR_MAX;
	request->machine = signet_identity_key_machine();
	err = signet_identity_key_make(request->secret, request->public);
	if (!err)
		err = signet_csr_make(request->secret, request->public, identity->spiffe_id,
				      request->csr, &request->csr_len);
	if (err) {
		kfree_sensitive(request);
		return ERR_PTR(err);
	}
	return request;
}

static void make_key_work(struct work_struct *work)
{
	struct signet_identity *identity = container_of(work, struct signet_identity, make_key);
	enum signet_reason reason = SIGNET_REASON_NONE;
	struct signet_node *node = identity->node;
	struct signet_key_request *request;

	for (;;) {
		request = request_new(identity);
		spin_lock(&node->lock);
		if (IS_ERR(request) || !signet_identity_key_shared(request->machine))
			break;
		spin_unlock(&node->lock);
		kfree_sensitive(request);
	}
	identity->making = false;
	if (IS_ERR(request)) {
		reason = PTR_ERR(request) == -ENOMEM ? SIGNET_REASON_NO_MEMORY :
						       SIGNET_REASON_INTERNAL;
		signet_resolve_certified(identity, reason);
	} else {
		request->generation = ++identity->generation;
		clear_refusal(identity);
		identity->request = request;
		list_add_tail(&identity->request_link, &node->requests);
	}
	spin_unlock(&node->lock);

	trace_signet_key_made(identity->spiffe_id, IS_ERR(request) ? 0 : identity->generation);
	if (!IS_ERR(request))
		queue_delayed_work(signet_agent_wq, &node->deliver, 0);
	signet_identity_put(identity);
}

/* One block, so that one wipe reaches all of it. */
static struct signet_credential *credential_new(struct signet_identity *identity,
						const struct signet_bytes *chain, size_t count)
{
	struct signet_credential *credential;
	size_t size = sizeof(*credential);
	size_t i;
	u8 *der;

	for (i = 0; i < count; i++)
		size += chain[i].len;
	credential = kzalloc(size, GFP_KERNEL);
	if (!credential)
		return NULL;
	refcount_set(&credential->refs, 1);
	der = (u8 *)(credential + 1);
	for (i = 0; i < count; i++) {
		memcpy(der, chain[i].data, chain[i].len);
		credential->tls.chain[i].data = der;
		credential->tls.chain[i].len = chain[i].len;
		der += chain[i].len;
	}
	credential->tls.chain_count = count;
	refcount_inc(&identity->refs);
	credential->identity = identity;
	credential->spiffe_id = identity->spiffe_id;
	return credential;
}

/* What time, or a policy, can mend has an errno of its own: the chain may be offered again. */
static int error_of_fault(enum signet_x509_fault fault)
{
	switch (fault) {
	case SIGNET_X509_OK:
		return 0;
	case SIGNET_X509_NO_MEMORY:
		return -ENOMEM;
	case SIGNET_X509_NOT_YET:
		return -EAGAIN;
	case SIGNET_X509_EXPIRED:
		return -EKEYEXPIRED;
	case SIGNET_X509_UNKNOWN_ISSUER:
		return -ENOKEY;
	default:
		return -EKEYREJECTED;
	}
}

/* Is this a chain for that key and ID, by one of our roots, not revoked, good now? */
static int check_chain(struct signet_node *node, struct signet_credential *credential,
		       const u8 public[SIGNET_P256_POINT_SIZE], struct netlink_ext_ack *extack)
{
	const char *id = credential->spiffe_id;
	struct signet_certificate leaf;
	enum signet_x509_fault fault;
	struct signet_policy *policy;

	policy = signet_policy_get(&node->policy);
	if (!policy) {
		NL_SET_ERR_MSG(extack, "no policy is in force, and so no root to check against");
		return -ENOKEY;
	}
	fault = signet_chain_check(credential->tls.chain, credential->tls.chain_count,
				   &policy->anchors, ktime_get_real_seconds(), &leaf);
	signet_policy_put(policy);
	if (fault != SIGNET_X509_OK) {
		/* NL_SET_ERR_MSG() takes literals only; these are constants too. */
		if (extack)
			extack->_msg = signet_x509_fault_text(fault);
		return error_of_fault(fault);
	}
	if (leaf.uri.len != strlen(id) || memcmp(leaf.uri.data, id, leaf.uri.len)) {
		NL_SET_ERR_MSG(extack, "the certificate is for another SPIFFE ID than the request");
		return -EKEYREJECTED;
	}
	if (leaf.key.type != SIGNET_KEY_P256 || leaf.key.len != SIGNET_P256_POINT_SIZE ||
	    memcmp(leaf.key.data, public, SIGNET_P256_POINT_SIZE)) {
		NL_SET_ERR_MSG(extack, "the certificate is for another key than the request");
		return -EKEYREJECTED;
	}
	signet_serial_text(leaf.serial, credential->serial);
	if (!credential->serial[0]) {
		NL_SET_ERR_MSG(extack, "the serial number is longer than 20 octets");
		return -EKEYREJECTED;
	}
	if (signet_revoked_serial(&node->policy, credential->serial)) {
		NL_SET_ERR_MSG(extack, "the certificate is revoked");
		return -EKEYREVOKED;
	}
	credential->not_before = leaf.not_before;
	credential->not_after = leaf.not_after;
	return 0;
}

/* The identity whose key of that generation waits; the lock is held. NULL, and *err, else. */
static struct signet_identity *find_request(struct signet_node *node, u32 id, u32 generation,
					    struct netlink_ext_ack *extack, int *err)
{
	struct signet_identity *identity = signet_identity_find(node, id);

	if (!identity) {
		NL_SET_ERR_MSG(extack, "no such identity");
		*err = -ENOENT;
		return NULL;
	}
	if (!identity->request || identity->request->generation != generation ||
	    signet_identity_key_shared(identity->request->machine)) {
		NL_SET_ERR_MSG(extack, "no key of this generation waits for a certificate");
		*err = -ESTALE;
		return NULL;
	}
	return identity;
}

int signet_svid_install(struct signet_node *node, u32 id, u32 generation,
			const struct signet_bytes *chain, size_t count,
			struct netlink_ext_ack *extack)
{
	struct signet_credential *credential, *old = NULL;
	struct signet_key_request *request = NULL;
	u8 public[SIGNET_P256_POINT_SIZE];
	struct signet_identity *identity;
	int err = 0;

	lockdep_assert_held(&node->change);
	spin_lock(&node->lock);
	identity = find_request(node, id, generation, extack, &err);
	if (identity) {
		memcpy(public, identity->request->public, sizeof(public));
		refcount_inc(&identity->refs);
	}
	spin_unlock(&node->lock);
	if (!identity)
		return err;

	credential = credential_new(identity, chain, count);
	err = credential ? check_chain(node, credential, public, extack) : -ENOMEM;
	if (err) {
		credential_retire(credential);
		signet_identity_put(identity);
		return err;
	}

	/* Requests are replaced with the change mutex held only, so it is the same one still. */
	spin_lock(&node->lock);
	request = identity->request;
	identity->request = NULL;
	list_del_init(&identity->request_link);
	memcpy(credential->tls.secret, request->secret, sizeof(request->secret));
	credential->generation = generation;
	credential->machine = request->machine;
	old = identity->credential;
	identity->credential = credential;
	clear_refusal(identity);
	signet_resolve_certified(identity, SIGNET_REASON_NONE);
	spin_unlock(&node->lock);

	trace_signet_svid_installed(credential->spiffe_id, generation, credential->serial);
	kfree_sensitive(request);
	credential_retire(old);
	signet_identity_put(identity);
	return 0;
}

int signet_svid_refuse(struct signet_node *node, u32 id, u32 generation, const char *refusal,
		       u32 retry_after_ms, struct netlink_ext_ack *extack)
{
	struct signet_key_request *request = NULL;
	struct signet_identity *identity;
	int err = 0;

	lockdep_assert_held(&node->change);
	spin_lock(&node->lock);
	identity = find_request(node, id, generation, extack, &err);
	if (identity) {
		request = identity->request;
		identity->request = NULL;
		list_del_init(&identity->request_link);
		strscpy(identity->refusal, refusal, sizeof(identity->refusal));
		identity->refused_for_good = !retry_after_ms;
		identity->refused_until = ktime_add_ms(ktime_get_boottime(), retry_after_ms);
		signet_resolve_certified(identity, SIGNET_REASON_CERTIFICATE_REFUSED);
	}
	spin_unlock(&node->lock);
	kfree_sensitive(request);
	return err;
}

int signet_svid_delay(struct signet_node *node, u32 id, u32 generation, const char *refusal,
		      struct netlink_ext_ack *extack)
{
	struct signet_identity *identity;
	int err = 0;

	lockdep_assert_held(&node->change);
	spin_lock(&node->lock);
	identity = find_request(node, id, generation, extack, &err);
	if (identity)
		strscpy(identity->refusal, refusal, sizeof(identity->refusal));
	spin_unlock(&node->lock);
	return err;
}

int signet_svid_renew(struct signet_node *node, u32 id, struct netlink_ext_ack *extack)
{
	struct signet_identity *identity;
	bool again = false;
	int err = 0;

	lockdep_assert_held(&node->change);
	spin_lock(&node->lock);
	identity = signet_identity_find(node, id);
	if (!identity) {
		NL_SET_ERR_MSG(extack, "no such identity");
		err = -ENOENT;
	} else if (identity->request || identity->making) {
		NL_SET_ERR_MSG(extack, "a key waits for its certificate already");
		err = -EALREADY;
		/* Who asks for a request has none: what was sent got lost. */
		again = identity->request && identity->request->sent;
		if (again)
			list_move_tail(&identity->request_link, &node->requests);
	} else {
		signet_identity_want_key(identity);
	}
	spin_unlock(&node->lock);
	if (again)
		queue_delayed_work(signet_agent_wq, &node->deliver, 0);
	return err;
}

/* With the node's lock held, under which nobody looks for a credential meanwhile. */
static void renew_shared(struct signet_identity *identity)
{
	struct signet_key_request *request = identity->request;
	struct signet_credential *credential = identity->credential;
	bool shared = false;

	if (credential && signet_credential_shared(credential)) {
		identity->credential = NULL;
		credential_retire(credential);
		shared = true;
	}
	if (request && signet_identity_key_shared(request->machine)) {
		identity->request = NULL;
		list_del_init(&identity->request_link);
		kfree_sensitive(request);
		shared = true;
	}
	if (shared && !identity->request)
		signet_identity_want_key(identity);
}

void signet_identity_renew_shared(struct signet_node *node)
{
	struct signet_identity *identity;
	unsigned int bucket;

	/* No identity comes or goes meanwhile. */
	lockdep_assert_held(&node->change);
	for (bucket = 0; bucket < HASH_SIZE(node->identities); bucket++) {
		spin_lock(&node->lock);
		hlist_for_each_entry(identity, &node->identities[bucket], hash)
			renew_shared(identity);
		spin_unlock(&node->lock);
		cond_resched();
	}
}

void signet_identity_unsend_all(struct signet_node *node)
{
	struct signet_identity *identity;
	unsigned int bucket;

	lockdep_assert_held(&node->lock);
	hash_for_each(node->identities, bucket, identity, hash) {
		if (!identity->request)
			continue;
		identity->request->sent = false;
		list_move_tail(&identity->request_link, &node->requests);
	}
}

void signet_identity_forget_refusals(struct signet_node *node)
{
	struct signet_identity *identity;
	unsigned int bucket;

	lockdep_assert_held(&node->lock);
	hash_for_each(node->identities, bucket, identity, hash)
		clear_refusal(identity);
}

void signet_identity_forget_all(struct signet_node *node)
{
	struct signet_credential *credential;
	struct signet_identity *identity;
	struct hlist_node *next;
	unsigned int bucket;

	/* Without connections and processes nothing wants keys; wait for those that are made. */
	hash_for_each_safe(node->identities, bucket, next, identity, hash) {
		if (cancel_work_sync(&identity->make_key))
			signet_identity_put(identity);
		spin_lock(&node->lock);
		credential = unlink_identity(node, identity);
		spin_unlock(&node->lock);
		credential_retire(credential);
		signet_identity_put(identity);
	}
}
