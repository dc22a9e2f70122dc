/* SPDX-License-Identifier: GPL-2.0 */
/* What tests can ask of the user-space allocator. */
#ifndef SIGNET_TEST_PLATFORM_USER_H
#define SIGNET_TEST_PLATFORM_USER_H

#include "core/platform.h"

/* Allocations that were made and not freed yet. */
size_t signet_allocations_live(void);
/* Allocations asked for since the last signet_fail_allocation(). */
size_t signet_allocations_made(void);
/* The @nth allocation from now on (1: the next) fails, once. 0: none does. */
void signet_fail_allocation(size_t nth);

#endif
