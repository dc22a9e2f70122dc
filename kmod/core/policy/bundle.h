/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A trust bundle: the roots of one trust domain. One owner fills it (process context, sleeps);
 * from then on it is immutable, and readers in any context need no lock.
 */
#ifndef SIGNET_CORE_BUNDLE_H
#define SIGNET_CORE_BUNDLE_H

#include "core/x509/x509.h"

#define SIGNET_ROOTS_MAX 16

struct signet_bundle;

/**
 * signet_bundle_new() - a bundle without a root
 * @trust_domain: copied
 *
 * Return: NULL without memory.
 */
struct signet_bundle *signet_bundle_new(const char *trust_domain);

/* Any context that may call kvfree(). NULL is fine. */
void signet_bundle_free(struct signet_bundle *bundle);

/**
 * signet_bundle_add() - add a root
 * @bundle: being filled
 * @der: a CA certificate; copied
 * @why: set to what is wrong, when it isn't memory
 *
 * Return: 0, -EKEYREJECTED for what is no CA certificate, -E2BIG above SIGNET_ROOTS_MAX, or
 * -ENOMEM; after an error the bundle is as it was.
 */
int signet_bundle_add(struct signet_bundle *bundle, struct signet_bytes der, const char **why);

/* For chains; valid as long as @bundle. */
const struct signet_anchors *signet_bundle_anchors(const struct signet_bundle *bundle);

/**
 * signet_bundle_keeps() - does it trust all that an older one did?
 * @bundle: the newer one
 * @older: the other
 *
 * Return: false when the trust domain is another or a root is gone.
 */
bool signet_bundle_keeps(const struct signet_bundle *bundle, const struct signet_bundle *older);

#endif
