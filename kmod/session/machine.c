// SPDX-License-Identifier: GPL-2.0
#include "session/machine.h"

#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/random.h>

#include "identity/key.h"
#include "identity/node.h"
#include "session/judge.h"

/*
 * PM_POST_SUSPEND comes when programs run again. A device hears of the end of a sleep before: when
 * all devices work, the clocks have what was slept, and programs are frozen still. So no program
 * reads or writes anything of a session that got too old meanwhile, without a look at each call.
 */
static void awake(struct device *device)
{
	signet_judge_awake();
}

static const struct dev_pm_ops machine_pm = { .complete = awake };

static struct platform_driver machine_driver = {
	.driver = {
		.name = "signet",
		.pm = &machine_pm,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
		.suppress_bind_attrs = true,
	},
};

static struct platform_device *machine;

static void end_clone(struct work_struct *work)
{
	pr_notice("signet: there is a second machine like this: sessions end, keys are made anew\n");
	signet_judge_cloned();
	signet_node_renew_keys();
}

static DECLARE_WORK(clone_work, end_clone);

/*
 * Random numbers are new already. From here on who reads or writes finds that the key is shared;
 * the rest is a work's, as a driver for a device tree's vmgenid calls this in hard irq.
 */
static int cloned(struct notifier_block *self, unsigned long action, void *data)
{
	signet_identity_key_share();
	queue_work(signet_agent_wq, &clone_work);
	return NOTIFY_DONE;
}

static struct notifier_block clone_notifier = { .notifier_call = cloned };

int signet_machine_init(void)
{
	int err = platform_driver_register(&machine_driver);

	if (err)
		return err;
	machine = platform_device_register_simple("signet", PLATFORM_DEVID_NONE, NULL, 0);
	err = PTR_ERR_OR_ZERO(machine);
	if (err)
		goto no_device;
	/* Without its driver it would hear of no sleep. */
	err = machine->dev.driver ? register_random_vmfork_notifier(&clone_notifier) : -ENODEV;
	if (err)
		goto no_notifier;
	return 0;

no_notifier:
	platform_device_unregister(machine);
no_device:
	platform_driver_unregister(&machine_driver);
	return err;
}

void signet_machine_exit(void)
{
	unregister_random_vmfork_notifier(&clone_notifier);
	cancel_work_sync(&clone_work);
	platform_device_unregister(machine);
	platform_driver_unregister(&machine_driver);
}
