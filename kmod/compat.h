/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that Signet is built for: 6.1 and 6.12. */
#ifndef SIGNET_COMPAT_H
#define SIGNET_COMPAT_H

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/version.h>

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

/* A capability set as one number, bit n being capability n. */
static inline u64 signet_capability_bits(kernel_cap_t set)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return set.val;
#else
	return set.cap[0] | (u64)set.cap[1] << 32;
#endif
}

#endif
