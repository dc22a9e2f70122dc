/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy in force on a node: trust bundle, scope, access rules, destinations, revocations. It
 * is immutable and shared by reference, but for its revocations, which are replaced as a whole.
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
struct signet_policy_head;
struct signet_policy_slot;
struct signet_revocations;
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
 * @tables: who may talk to whom, and where
 * @revocations: who no longer may; replaced as a whole with the lock of the slot
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
	struct signet_tables *tables;
	struct signet_revocations __rcu *revocations;
	struct signet_draft *draft;

	struct signet_bundle *bundle;
	struct rcu_work destroy;
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
 * @policy: got just now: an older one doesn't hear of revocations
 * @judgement: about whom
 * @reason: why not; SIGNET_REASON_NONE when they may
 *
 * Revocations of both sides first, then destinations for a client and access rules for a server.
 * Doesn't sleep. See signet_policy_judgement() for changes that come while it is used.
 *
 * Return: SIGNET_ALERT_NONE, or the alert to send.
 */
enum signet_tls_alert signet_policy_judge(const struct signet_policy *policy,
					  const struct signet_judgement *judgement,
					  enum signet_reason *reason);

/**
 * signet_policy_new - a policy to be filled; nothing holds by it yet
 * @head: what it says beside its items; copied
 *
 * Return: a reference, or NULL without memory.
 */
struct signet_policy *signet_policy_new(const struct signet_policy_head *head);

/**
 * signet_policy_finish - what was added to its draft becomes the policy
 * @policy: in nobody else's hands
 * @why: what is wrong
 *
 * Needs no memory.
 *
 * Return: 0, or as signet_draft_finish().
 */
int signet_policy_finish(struct signet_policy *policy, const char **why);

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
 * @slot: of the node, locked
 *
 * Raises signet_policy_judgement(). The caller has the open sessions judged again afterwards.
 */
void signet_policy_changed(struct signet_policy_slot *slot);

/* Runs @work where policies are freed, after a grace period. Any context. */
void signet_policy_retire(struct rcu_work *work);

/* An empty slot; and the end of one that nobody else has any more. */
void signet_policy_slot_init(struct signet_policy_slot *slot);
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
