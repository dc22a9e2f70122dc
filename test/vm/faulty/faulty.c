// SPDX-License-Identifier: GPL-2.0
/*
 * A module with one bug of each kind that the debug kernel must report, to show
 * that it does: insmod faulty.ko bug=leak|overflow|locking|sleeping
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *bug = "";
module_param(bug, charp, 0400);

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static DEFINE_MUTEX(mutex);

static noinline void leak(void)
{
	for (int i = 0; i < 16; i++)
		memset(kmalloc(100 + i, GFP_KERNEL), i, 100);
}

static noinline void overflow(void)
{
	char *buffer = kmalloc(24, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(buffer);
	if (buffer)
		buffer[24] = 1;
	kfree(buffer);
}

static noinline void locking(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static noinline void sleeping(void)
{
	spin_lock(&first);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&first);
}

static int __init faulty_init(void)
{
	if (!strcmp(bug, "leak"))
		leak();
	else if (!strcmp(bug, "overflow"))
		overflow();
	else if (!strcmp(bug, "locking"))
		locking();
	else if (!strcmp(bug, "sleeping"))
		sleeping();
	else
		return -EINVAL;
	return 0;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Bugs that the debug kernel must report");
MODULE_LICENSE("GPL");
