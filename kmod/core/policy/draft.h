/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A policy that is being filled, item by item, with all the checks and limits that there are. It
 * begins with nothing, or with another policy, of which some items are removed first. What is named
 * is copied. Each function returns 0 or a negative errno, and then sets *@why to one
 * constant sentence about it, unless memory is missing; after an error the draft can only be
 * freed, so that nothing is ever applied half.
 *
 * It has one owner. Process context, sleeps.
 */
#ifndef SIGNET_CORE_DRAFT_H
#define SIGNET_CORE_DRAFT_H

#include "core/policy/bundle.h"
#include "core/policy/tables.h"

/* Of one policy; rules and destinations are also bounded by SIGNET_TABLES_GRANTS_MAX. */
#define SIGNET_NETWORKS_MAX 4096
#define SIGNET_EXEMPT_PORTS_MAX 4096
#define SIGNET_RULES_MAX 262144
#define SIGNET_DESTINATIONS_MAX 65536

struct signet_draft;

/* A policy to begin with. */
struct signet_draft_base {
	const struct signet_bundle *bundle;
	const struct signet_tables *tables;
};

/* What a draft did to the items that it began with. */
struct signet_draft_changes {
	bool rules_added;
	bool rules_removed;
	bool destinations;
};

/**
 * signet_draft_new() - a policy to be filled
 * @trust_domain: whose roots it will have
 * @default_deny: an inbound connection that no rule names is refused
 * @base: what it begins with, must live as long as the draft; NULL: nothing
 *
 * Return: NULL without memory.
 */
struct signet_draft *signet_draft_new(const char *trust_domain, bool default_deny,
				      const struct signet_draft_base *base);

/* NULL is fine. */
void signet_draft_free(struct signet_draft *draft);

/**
 * signet_draft_remove() - from now on items are removed, or added
 * @draft: being filled
 * @remove: the items that follow are those of the base that the policy will not have, spelled as
 *	they were added; else they are added
 * @why: what is wrong
 *
 * A new draft adds. What is removed comes first, and the first that is added may find that it isn't
 * in the base: -ENOENT.
 *
 * Return: 0; -EINVAL to remove what there can't be, or while a rule or destination is open.
 */
int signet_draft_remove(struct signet_draft *draft, bool remove, const char **why);

/* A root of the trust bundle: -EKEYREJECTED for one that is none, -E2BIG. */
int signet_draft_add_root(struct signet_draft *draft, struct signet_bytes der, const char **why);

/* A protected network, with port 0: -EINVAL, -E2BIG. */
int signet_draft_add_network(struct signet_draft *draft, const struct signet_range *range,
			     const char **why);

/* A port that is never protected: -EINVAL for 0, -E2BIG. */
int signet_draft_add_exempt_port(struct signet_draft *draft, u16 port, const char **why);

/**
 * signet_draft_open_rule() - begin a rule, or go on with the one that is open
 * @draft: being filled
 * @subject: whole SPIFFE ID; NULL to go on
 * @policy: name of the document that holds the rule, or NULL
 * @why: what is wrong
 *
 * Clients and ports are added to it in any order, until it is closed; only then does it count.
 *
 * Return: 0; -EINVAL for a subject that is none, one too many or missing; -E2BIG; -ENOMEM.
 */
int signet_draft_open_rule(struct signet_draft *draft, const char *subject, const char *policy,
			   const char **why);

/* Who may connect, of any trust domain, as a rule may name a guest; where, or else everywhere. */
int signet_draft_add_client(struct signet_draft *draft, const char *id, const char **why);
int signet_draft_add_port(struct signet_draft *draft, u16 port, const char **why);

/* -EINVAL without a client, -E2BIG above SIGNET_TABLES_GRANTS_MAX. */
int signet_draft_close_rule(struct signet_draft *draft, const char **why);

/**
 * signet_draft_open_destination() - begin a destination, or go on with the one that is open
 * @draft: being filled
 * @name: of its document; NULL when it has none, or to go on
 * @why: what is wrong
 *
 * As signet_draft_open_rule(), for ranges and identities.
 *
 * Return: 0; -EINVAL for a name while one is open; -E2BIG; -ENOMEM.
 */
int signet_draft_open_destination(struct signet_draft *draft, const char *name,
				  const char **why);

/* Where, and who must answer there. */
int signet_draft_add_range(struct signet_draft *draft, const struct signet_range *range,
			   const char **why);
int signet_draft_add_identity(struct signet_draft *draft, const char *id, const char **why);

/* -EINVAL without a range or identity, -E2BIG above SIGNET_TABLES_GRANTS_MAX. */
int signet_draft_close_destination(struct signet_draft *draft, const char **why);

/**
 * signet_draft_finish() - take out what was filled
 * @draft: nothing is left in it but to free it
 * @bundle: the caller's; NULL when it is as the base
 * @tables: likewise
 * @changes: what was done; all of it without a base
 * @why: what is wrong
 *
 * Return: 0; -EINVAL without a root, or when a rule or destination is open; -ENOENT when what was
 * removed isn't in the base; -ENOMEM, unless anything was added.
 */
int signet_draft_finish(struct signet_draft *draft, struct signet_bundle **bundle,
			struct signet_tables **tables, struct signet_draft_changes *changes,
			const char **why);

#endif
