/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernel and user space for the portable core: types, memory, errno.
 * The core includes this and its own headers, and nothing else of either world.
 */
#ifndef SIGNET_CORE_PLATFORM_H
#define SIGNET_CORE_PLATFORM_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

/* Sleeps; process context only. The memory is zeroed. */
static inline void *signet_alloc(size_t size)
{
	return kzalloc(size, GFP_KERNEL);
}

/* Wipes, then frees. @p may be NULL. */
static inline void signet_free(void *p)
{
	kfree_sensitive(p);
}

static inline void signet_wipe(void *p, size_t size)
{
	memzero_explicit(p, size);
}

/* Big or many; nothing secret. Sleeps; zeroed. */
static inline void *signet_alloc_array(size_t count, size_t size)
{
	return kvcalloc(count, size, GFP_KERNEL);
}

static inline void signet_free_array(void *p)
{
	kvfree(p);
}

/* Where readers find their way with RCU: what was written before is there for whoever follows. */
#define signet_publish(pointer, value) smp_store_release(&(pointer), value)
#define signet_follow(pointer) READ_ONCE(pointer)

/* Waits for whoever has followed a pointer that is replaced now. Sleeps. */
static inline void signet_await_readers(void)
{
	synchronize_rcu();
}

/* A member of what signet_free_unfollowed() frees. */
struct signet_unfollowed {
	struct rcu_head rcu;
};

/* As signet_free() without the wiping, when nobody follows it any more. Doesn't wait. */
#define signet_free_unfollowed(p, member) kfree_rcu(p, member.rcu)

#else /* user space */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#ifndef ENOKEY
#error "errno.h lacks ENOKEY"
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* test/platform_user.c; counts, and can be told to fail the nth allocation. */
void *signet_alloc(size_t size);
void signet_free(void *p);
void signet_wipe(void *p, size_t size);
void *signet_alloc_array(size_t count, size_t size);
void signet_free_array(void *p);

/* One thread: nobody reads meanwhile. */
#define signet_publish(pointer, value) ((pointer) = (value))
#define signet_follow(pointer) (pointer)

static inline void signet_await_readers(void)
{
}

struct signet_unfollowed {
	char none;
};

#define signet_free_unfollowed(p, member) signet_free(p)

#endif

/* Bytes that belong to someone else. */
struct signet_bytes {
	const u8 *data;
	size_t len;
};

#endif
