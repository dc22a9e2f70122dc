/* SPDX-License-Identifier: GPL-2.0 */
/* A policy that is another one without some of its items. Process context, sleeps. */
#ifndef SIGNET_CORE_DIFFERENCE_H
#define SIGNET_CORE_DIFFERENCE_H

#include "core/policy/bundle.h"
#include "core/policy/tables.h"

/**
 * signet_tables_add_others() - add what a policy has, but for some of it
 * @tables: being filled
 * @from: whose items are added, in their order
 * @but: without these; an item is the same when all that it says is, in the same order
 * @why: set to what is wrong, when it isn't memory
 *
 * Return: 0; -ENOENT when @from hasn't all of @but; -ENOMEM. After an error @tables can only be
 * freed.
 */
int signet_tables_add_others(struct signet_tables *tables, const struct signet_tables *from,
			     const struct signet_tables *but, const char **why);

/* The same of roots. */
int signet_bundle_add_others(struct signet_bundle *bundle, const struct signet_bundle *from,
			     const struct signet_bundle *but, const char **why);

#endif
