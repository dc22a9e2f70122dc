// SPDX-License-Identifier: GPL-2.0
/* The core's memory in user space: counted, and failing where a test wants it to. */
#include "platform_user.h"

#include <malloc.h>
#include <stdlib.h>

static size_t live;
static size_t made;
static size_t fail_at;

size_t signet_allocations_live(void)
{
	return live;
}

size_t signet_allocations_made(void)
{
	return made;
}

void signet_fail_allocation(size_t nth)
{
	made = 0;
	fail_at = nth;
}

void *signet_alloc(size_t size)
{
	void *p;

	if (++made == fail_at)
		return NULL;
	p = calloc(1, size);
	if (p)
		live++;
	return p;
}

void signet_free(void *p)
{
	if (!p)
		return;
	live--;
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void signet_wipe(void *p, size_t size)
{
	explicit_bzero(p, size);
}

void *signet_alloc_array(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return signet_alloc(count * size);
}

void signet_free_array(void *p)
{
	signet_free(p);
}
