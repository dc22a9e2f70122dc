/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that the module supports: 6.1 and 6.12. */
#ifndef SIGNET_COMPAT_H
#define SIGNET_COMPAT_H

#include <linux/capability.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/mm_types.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/version.h>
#include <net/sock.h>
#include <net/tls.h>

/* Moved in 6.12. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* sock_rps_record_flow() moved in 6.9. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <net/rps.h>
#endif

/* sendfile: ->sendpage until 6.4, MSG_SPLICE_PAGES from 6.5 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define SIGNET_HAS_SENDPAGE 1
#endif

#ifndef MSG_SPLICE_PAGES
#define MSG_SPLICE_PAGES 0
#endif

/* The last arguments of proto.accept and proto_ops.accept became one structure in 6.10. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define SIGNET_ACCEPT_ARGS struct proto_accept_arg *arg
#define SIGNET_ACCEPT_FLAGS (arg->flags)
#define SIGNET_ACCEPT_KERN (arg->kern)
#define SIGNET_PROTO_ACCEPT_STRUCT 1
#define SIGNET_PROTO_ACCEPT_ARGS struct proto_accept_arg *arg
#define SIGNET_PROTO_ACCEPT_PASS arg
#define SIGNET_PROTO_ACCEPT_ERROR (arg->err)
#else
#define SIGNET_ACCEPT_ARGS int flags, bool kern
#define SIGNET_ACCEPT_FLAGS flags
#define SIGNET_ACCEPT_KERN kern
#define SIGNET_PROTO_ACCEPT_ARGS int flags, int *err, bool kern
#define SIGNET_PROTO_ACCEPT_PASS flags, err, kern
#define SIGNET_PROTO_ACCEPT_ERROR (*err)
#endif

/* __assign_str() finds the source by itself since 6.10. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define signet_assign_str(dst, src) __assign_str(dst)
#else
#define signet_assign_str(dst, src) __assign_str(dst, src)
#endif

/**
 * signet_exe_file_get - the file that an address space runs
 * @mm: the calling process's own
 *
 * Return: a reference, or NULL.
 */
static inline struct file *signet_exe_file_get(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return get_file_rcu(&mm->exe_file);
#else
	struct file *file;

	rcu_read_lock();
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
	rcu_read_unlock();
	return file;
#endif
}

/**
 * signet_next_file - the next open file of a task
 * @task: the task
 * @fd: in: where to begin; out: where it was found
 *
 * RCU.
 *
 * Return: a reference, or NULL behind the last.
 */
static inline struct file *signet_next_file(struct task_struct *task, unsigned int *fd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return task_lookup_next_fdget_rcu(task, fd);
#else
	struct file *file;

	while ((file = task_lookup_next_fd_rcu(task, fd)) && !get_file_rcu(file))
		++*fd;
	return file;
#endif
}

/* hrtimer_setup() took the place of hrtimer_init() in 6.13. */
static inline void signet_hrtimer_setup(struct hrtimer *timer,
					enum hrtimer_restart (*function)(struct hrtimer *timer),
					clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

/* A capability set as one number, bit n being capability n. */
static inline u64 signet_capability_bits(kernel_cap_t set)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return set.val;
#else
	return set.cap[0] | (u64)set.cap[1] << 32;
#endif
}

/* A private key as ecc_make_pub_key() wants it: big-endian bytes, and limbs since 6.10. */
static inline void signet_ecc_private(u64 scalar[4], const u8 secret[32])
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	int i;

	for (i = 0; i < 4; i++)
		scalar[i] = get_unaligned_be64(secret + 8 * (3 - i));
#else
	memcpy(scalar, secret, 32);
#endif
}

#endif
