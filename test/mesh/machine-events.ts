// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { cachePath, repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildModule } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import type { Host } from "./host.js";
import { succeed } from "./succeed.js";

/**
 * Has a virtual machine with the stock kernel sleep, and wake up at once with clocks that say it was
 * long. All but the firmware takes part; of the devices, virtio's don't.
 */
export async function sleep(host: Host, seconds: number): Promise<void> {
  const lines = [
    `insmod ${await eventModule("long_sleep.ko")} seconds=${String(seconds)}`,
    "echo 0 > /sys/module/suspend/parameters/pm_test_delay",
    "echo core > /sys/power/pm_test",
    "echo mem > /sys/power/state",
    "rmmod long_sleep",
  ];
  await succeed(host, ["sh", "-c", lines.join(" && ")]);
}

/** Tells a virtual machine's stock kernel that the machine was cloned, as QEMU would. */
export async function tellOfClone(host: Host): Promise<void> {
  await succeed(host, ["sh", "-c", `insmod ${await eventModule("clone.ko")} && rmmod clone`]);
}

async function eventModule(file: string): Promise<string> {
  return buildModule({
    kernel: await stockKernel(),
    sources: join(repositoryRoot, "test/vm/machine"),
    folder: cachePath("kmod", "machine"),
    log: cachePath("log", "machine.log"),
    file,
    variables: {},
  });
}
