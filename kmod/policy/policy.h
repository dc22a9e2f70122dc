/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy in force on a node: trust bundle, scope, access rules, destinations. It is immutable
 * and shared by reference. Revocations are beside it: policy/revocation.h.
 */
#ifndef SIGNET_POLICY_H
#define SIGNET_POLICY_H

#include <linux/refcount.h>
#include <linux/socket.h>
#include <linux/workqueue.h>

#include "core/tls/tls.h"
#include "uapi/generated/signet.h"

struct signet_bundle;
struct signet_draft;
struct signet_draft_changes;
struct signet_policy_head;
struct signet_policy_items;
struct signet_policy_slot;
struct signet_tables;

/* Where the policy names none. */
#define SIGNET_SESSION_AGE_S 86400
#define SIGNET_HANDSHAKE_TIMEOUT_MS 10000

/**
 * struct signet_policy - the policy in force
 * @refs: references
 * @trust_domain: of this node's workloads
 * @database_epoch: of the signer's database
 * @revision: in that epoch; never 0
 * @unidentified: what happens to a process without identity
 * @max_session_age_s: seconds after which an open session ends; never 0
 * @handshake_timeout_ms: from connect or accept to open; never 0
 * @anchors: the trust bundle, for struct signet_tls_config; lives as long as the policy
 * @tables: who may talk to whom, and where; likewise
 * @draft: what is added, until it is in force; of the rest only the head is valid then
 *
 * What follows is private to policy.c.
 */
struct signet_policy {
	refcount_t refs;
	char trust_domain[SIGNET_MAX_TRUST_DOMAIN + 1];
	char database_epoch[SIGNET_MAX_DATABASE_EPOCH + 1];
	u64 revision;
	enum signet_unidentified unidentified;
	u32 max_session_age_s;
	u32 handshake_timeout_ms;
	struct signet_anchors anchors;
	const struct signet_tables *tables;
	struct signet_draft *draft;

	const struct signet_bundle *bundle;
	struct signet_policy_items *items;
	struct signet_policy_items *base;
	struct rcu_work destroy;
};

/* Which sessions a change may refuse that were allowed before it. */
enum signet_affected {
	SIGNET_AFFECTS_REVOKED = BIT(0),
	SIGNET_AFFECTS_CLIENTS = BIT(1), /* by destinations */
	SIGNET_AFFECTS_SERVERS = BIT(2), /* by rules */
	SIGNET_AFFECTS_PLAIN = BIT(3), /* in plaintext */
	/* Which chain a session was trusted by is not kept: without one root, none is sure. */
	SIGNET_AFFECTS_TRUST = BIT(4),
};

/**
 * signet_policy_get - the policy in force
 * @slot: of the node
 *
 * Doesn't sleep.
 *
 * Return: a reference, or NULL when the node has no policy; then its scope is empty.
 */
struct signet_policy *signet_policy_get(struct signet_policy_slot *slot);

/**
 * signet_policy_put - give a reference back
 * @policy: NULL is fine
 *
 * Any context.
 */
void signet_policy_put(struct signet_policy *policy);

/**
 * struct signet_judgement - who wants to talk to whom
 * @role: this side's
 * @local_id: SPIFFE ID of this side
 * @local_serial: lower-case hex
 * @peer_id: SPIFFE ID of the peer's certificate, NUL-terminated
 * @peer_serial: lower-case hex
 * @local: address and port of this side; AF_INET or AF_INET6
 * @remote: of the other
 */
struct signet_judgement {
	enum signet_role role;
	const char *local_id;
	const char *local_serial;
	const char *peer_id;
	const char *peer_serial;
	const struct sockaddr *local;
	const struct sockaddr *remote;
};

/**
 * signet_policy_judge - may these two talk?
 * @policy: got just now
 * @judgement: about whom
 *
 * Destinations for a client, access rules for a server; whether either is revoked is asked of
 * signet_revoked(), and first. Doesn't sleep. See signet_policy_judgement() for changes that come
 * while it is used.
 *
 * Return: SIGNET_REASON_NONE, or why not.
 */
enum signet_reason signet_policy_judge(const struct signet_policy *policy,
				       const struct signet_judgement *judgement);

/**
 * signet_policy_new - a policy to be filled; nothing holds by it yet
 * @head: what it says beside its items; copied
 * @base: the policy that it begins with; or NULL
 *
 * Return: a reference, or NULL without memory.
 */
struct signet_policy *signet_policy_new(const struct signet_policy_head *head,
					const struct signet_policy *base);

/**
 * signet_policy_finish - what was added to its draft becomes the policy
 * @policy: in nobody else's hands
 * @changes: what it did to the items that it began with
 * @why: what is wrong
 *
 * Return: 0, or as signet_draft_finish().
 */
int signet_policy_finish(struct signet_policy *policy, struct signet_draft_changes *changes,
			 const char **why);

/**
 * signet_policy_keeps_anchors - does it trust all that an older one did?
 * @policy: the newer one
 * @older: the other
 *
 * Return: false when the trust domain is another or a root is gone.
 */
bool signet_policy_keeps_anchors(const struct signet_policy *policy,
				 const struct signet_policy *older);

/**
 * signet_policy_changed - policy or revocations of a node are others now
 * @slot: of the node
 *
 * Raises signet_policy_judgement(). The caller has the open sessions judged again afterwards.
 */
void signet_policy_changed(struct signet_policy_slot *slot);

/* An empty slot, or -ENOMEM; and the end of one that nobody else has any more. */
int signet_policy_slot_init(struct signet_policy_slot *slot);
void signet_policy_slot_clear(struct signet_policy_slot *slot);

/* Once, when the module is loaded; and when no policy is left. Exit sleeps. */
int signet_policy_init(void);
void signet_policy_exit(void);

/**
 * signet_serial_text - a serial number as policies, credentials and events spell it
 * @serial: INTEGER's bytes without a leading zero
 * @text: lower-case hex, NUL-terminated; empty when @serial is too long
 */
void signet_serial_text(struct signet_bytes serial, char text[2 * SIGNET_SERIAL_MAX + 1]);

#endif
