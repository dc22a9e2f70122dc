// SPDX-License-Identifier: GPL-2.0
/*
 * Lets a guest sleep for as long as a test wants, in a moment: the clock that runs on while a
 * machine sleeps says so. All else is the kernel's own, but that virtio's devices stay awake: the
 * guest's root is on virtio-9p, whose driver doesn't come back from a sleep.
 *
 *   insmod long_sleep.ko seconds=N
 */
#include <linux/device.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pci.h>

static unsigned int seconds;
module_param(seconds, uint, 0400);

/* read_persistent_clock64(struct timespec64 *now) is about to be called. */
static int clock_asked(struct kretprobe_instance *call, struct pt_regs *regs)
{
	*(struct timespec64 **)call->data = (void *)regs_get_kernel_argument(regs, 0);
	return 0;
}

/* It is called once when all falls asleep, and once when it wakes up. */
static int clock_answers(struct kretprobe_instance *call, struct pt_regs *regs)
{
	struct timespec64 *now = *(struct timespec64 **)call->data;
	static bool asleep;

	if (asleep)
		now->tv_sec += seconds;
	asleep = !asleep;
	return 0;
}

static struct kretprobe wallclock = {
	.kp.symbol_name = "read_persistent_clock64",
	.entry_handler = clock_asked,
	.handler = clock_answers,
	.data_size = sizeof(struct timespec64 *),
};

static void keep_awake(bool awake)
{
	struct pci_dev *device = NULL;

	while ((device = pci_get_device(PCI_VENDOR_ID_REDHAT_QUMRANET, PCI_ANY_ID, device)))
		dev_pm_syscore_device(&device->dev, awake);
}

static int __init long_sleep_init(void)
{
	int err = register_kretprobe(&wallclock);

	if (!err)
		keep_awake(true);
	return err;
}

static void __exit long_sleep_exit(void)
{
	keep_awake(false);
	unregister_kretprobe(&wallclock);
}

module_init(long_sleep_init);
module_exit(long_sleep_exit);
MODULE_DESCRIPTION("A long sleep in a moment");
MODULE_LICENSE("GPL");
