/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An identity: a SPIFFE ID on a node, with the key that was made here and the certificate that it
 * got. A credential: key and chain of one generation, immutable, shared by reference.
 */
#ifndef SIGNET_IDENTITY_H
#define SIGNET_IDENTITY_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "core/tls/tls.h"
#include "uapi/generated/signet.h"

struct netlink_ext_ack;
struct nlattr;
struct signet_node;
struct signet_policy;
struct signet_resolution;

/* Identities of a node. */
#define SIGNET_IDENTITIES_MAX 4096

/**
 * struct signet_credential - a key and its certificate
 * @tls: for the handshake; the secret is wiped with the last reference
 * @refs: references
 * @identity: whose it is; a reference
 * @spiffe_id: the identity's, NUL-terminated
 * @serial: lower-case hex of the leaf's serial number
 * @not_before: seconds since 1970
 * @not_after: seconds since 1970
 * @generation: of the key
 * @machine: on which the key was made (key.h)
 *
 * Immutable but for @refs: any number of handshakes read it at once without a lock.
 */
struct signet_credential {
	struct signet_tls_credential tls;
	refcount_t refs;
	struct signet_identity *identity;
	const char *spiffe_id;
	char serial[2 * SIGNET_SERIAL_MAX + 1];
	s64 not_before;
	s64 not_after;
	u32 generation;
	unsigned int machine;
};

/**
 * signet_credential_get - one more reference
 * @credential: the caller has a reference, or holds the lock of the node
 */
struct signet_credential *signet_credential_get(struct signet_credential *credential);

/**
 * signet_credential_put - give a reference back; the last one wipes the key
 * @credential: NULL is fine
 *
 * Process context; doesn't sleep.
 */
void signet_credential_put(struct signet_credential *credential);

/* Does another machine have its key, too? Any context. */
bool signet_credential_shared(const struct signet_credential *credential);

/**
 * struct signet_key_request - a key that waits for its certificate
 * @secret: wiped when freed
 * @public: uncompressed point
 * @generation: of the key
 * @machine: on which it was made (key.h)
 * @sent: the agent has the request; false again when another agent registers
 * @csr_len: bytes in @csr
 * @csr: PKCS#10, DER
 */
struct signet_key_request {
	u8 secret[SIGNET_P256_SCALAR_SIZE];
	u8 public[SIGNET_P256_POINT_SIZE];
	u32 generation;
	unsigned int machine;
	bool sent;
	size_t csr_len;
	u8 csr[];
};

/**
 * struct signet_identity - a SPIFFE ID on a node
 * @refs: references: the node's table, processes, credentials, waiting resolutions
 * @node: whose it is; the node outlives it
 * @id: names it in netlink messages; never 0, never used twice
 * @spiffe_id: of the workload
 * @entry_id: of the entry that the agent found
 * @hash: in the node's table
 * @uses: references on its credentials by others than itself: connections
 *
 * The rest is guarded by the node's lock:
 *
 * @generation: of the newest key
 * @making: @make_key is queued or running
 * @credential: in use; NULL until the first certificate is installed
 * @request: the key that waits for its certificate; NULL when none does
 * @request_link: in the node's requests while @request has to be sent
 * @waiting: resolutions that wait for a certificate
 * @refusal: the agent's word for why there is none, or no newer one; or empty
 * @refused_until: CLOCK_BOOTTIME; no new request for a connection before
 * @refused_for_good: nor after, until the agent says that something changed
 * @make_key: makes key and request
 */
struct signet_identity {
	refcount_t refs;
	struct signet_node *node;
	u32 id;
	char *spiffe_id;
	char entry_id[SIGNET_MAX_NAME + 1];
	struct hlist_node hash;
	atomic_t uses;

	u32 generation;
	bool making;
	struct signet_credential *credential;
	struct signet_key_request *request;
	struct list_head request_link;
	struct list_head waiting;
	char refusal[SIGNET_MAX_REFUSAL + 1];
	ktime_t refused_until;
	bool refused_for_good;
	struct work_struct make_key;
};

/* One for each SPIFFE ID in use. */
#if !defined(CONFIG_LOCKDEP) && !defined(CONFIG_DEBUG_OBJECTS)
static_assert(sizeof(struct signet_identity) <= 512);
#endif

/**
 * signet_identity_get - the identity of a SPIFFE ID, made when there is none
 * @node: the node, whose change mutex is held
 * @spiffe_id: was checked
 * @entry_id: the entry that leads to it; no longer than SIGNET_MAX_NAME
 *
 * Sleeps. Where the node has too many, one that nothing uses is forgotten.
 *
 * Return: a reference; ERR_PTR(-ENOMEM) or ERR_PTR(-ENOBUFS).
 */
struct signet_identity *signet_identity_get(struct signet_node *node, const char *spiffe_id,
					    const char *entry_id);
/* Any context that may free memory. NULL is fine. */
void signet_identity_put(struct signet_identity *identity);

/**
 * signet_identity_find - the identity that a message names
 * @node: the node, whose lock is held
 * @id: the identity's
 *
 * Return: without a reference; NULL when there is none.
 */
struct signet_identity *signet_identity_find(struct signet_node *node, u32 id);

/* Is it of no use to ask for a certificate now? The node's lock is held. */
bool signet_identity_refused(const struct signet_identity *identity);

/* Have a new key made, unless one is being made. The node's lock is held. */
void signet_identity_want_key(struct signet_identity *identity);

/**
 * signet_svid_install - the chain for a key request
 * @node: the node, whose change mutex is held
 * @id: of the identity
 * @generation: of the key
 * @chain: leaf first; copied
 * @count: 1 to SIGNET_CHAIN_MAX
 * @extack: told what is wrong
 *
 * Everything is checked before the new credential takes the old one's place.
 *
 * Return:
 * * 0
 * * -ENOENT for an identity that is none, -ESTALE when that key doesn't wait
 * * what may pass: -EAGAIN when the chain is not valid yet, -ENOKEY when it doesn't end at a root
 *   in force, -ENOMEM
 * * what won't: -EKEYEXPIRED, -EKEYREVOKED, or -EKEYREJECTED for a chain that is not good
 */
int signet_svid_install(struct signet_node *node, u32 id, u32 generation,
			const struct signet_bytes *chain, size_t count,
			struct netlink_ext_ack *extack);

/**
 * signet_svid_refuse - there will be no certificate for a key request
 * @node: the node, whose change mutex is held
 * @id: of the identity
 * @generation: of the key, which is forgotten
 * @refusal: the agent's word for why
 * @retry_after_ms: when it can be asked again; 0: when something changed
 * @extack: told what is wrong
 *
 * Return: 0, -ENOENT or -ESTALE.
 */
int signet_svid_refuse(struct signet_node *node, u32 id, u32 generation, const char *refusal,
		       u32 retry_after_ms, struct netlink_ext_ack *extack);

/**
 * signet_svid_delay - why there is no certificate for a key request yet
 * @node: the node, whose change mutex is held
 * @id: of the identity
 * @generation: of the key, which goes on waiting
 * @refusal: the agent's word for why
 * @extack: told what is wrong
 *
 * Return: 0, -ENOENT or -ESTALE.
 */
int signet_svid_delay(struct signet_node *node, u32 id, u32 generation, const char *refusal,
		      struct netlink_ext_ack *extack);

/**
 * signet_svid_renew - make a new key and ask for its certificate
 * @node: the node, whose change mutex is held
 * @id: of the identity
 * @extack: told what is wrong
 *
 * Return: 0, -ENOENT, or -EALREADY when a key waits for its certificate already: if its request was
 * sent, it is sent again.
 */
int signet_svid_renew(struct signet_node *node, u32 id, struct netlink_ext_ack *extack);

/**
 * signet_identity_renew_shared - a new key for each identity whose key another machine has, too
 * @node: the node, whose change mutex is held
 *
 * What was made before is forgotten here: credentials, and keys that wait for a certificate. Who
 * connects waits for the new one.
 */
void signet_identity_renew_shared(struct signet_node *node);

/* All requests have to be sent again, to another agent. The node's lock is held. */
void signet_identity_unsend_all(struct signet_node *node);
/* Refusals that need a change are forgotten: there was one. The node's lock is held. */
void signet_identity_forget_refusals(struct signet_node *node);

/* The end of a node: nobody uses any identity any more. Sleeps. */
void signet_identity_forget_all(struct signet_node *node);

#endif
