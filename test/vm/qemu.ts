// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Kernel } from "../../tools/setup/kernel.js";

/** What a virtual machine is made of. */
export interface MachineOptions {
  readonly kernel: Kernel;
  /** The initramfs. */
  readonly image: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly mac: string;
  /** KVM instead of emulation. */
  readonly kvm: boolean;
  readonly paths: MachinePaths;
}

/** Files that a virtual machine leaves, and sockets that it connects to. */
export interface MachinePaths {
  readonly console: string;
  readonly errors: string;
  readonly control: string;
  readonly network: string;
}

// Reports and boots are quick; a machine that is busy with other things is no stall.
const KERNEL_COMMAND = [
  "console=ttyS0 loglevel=5 panic=-1 oops=panic mitigations=off random.trust_cpu=on",
  "rcupdate.rcu_cpu_stall_timeout=100 watchdog_thresh=60 sysctl.kernel.hung_task_timeout_secs=240",
  "net.ifnames=0 kmemleak=on",
].join(" ");

/*
 * With a thread for each virtual CPU, QEMU 7.2 now and then runs what code was before another CPU
 * wrote it: one in seven starts of a program under V8's compiler ended with SIGSEGV. With one thread
 * none of 52 did.
 */
const EMULATION = "tcg,thread=single,tb-size=256";

/** Starts QEMU. It ends when this process does, however that happens. */
export function startQemu(options: MachineOptions): ChildProcess {
  const errors = openSync(options.paths.errors, "w");
  const argv = ["--pdeathsig", "KILL", "--", "qemu-system-x86_64", ...qemuArguments(options)];
  // A session of its own, so that Ctrl-C is the caller's to handle.
  const child = spawn("setpriv", argv, { detached: true, stdio: ["ignore", errors, errors] });
  closeSync(errors);
  return child;
}

function qemuArguments({ kernel, image, paths, ...machine }: MachineOptions): string[] {
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-machine", "q35", "-rtc", "base=utc"],
    ...(machine.kvm
      ? ["-accel", "kvm", "-cpu", "host"]
      : ["-accel", EMULATION, "-cpu", "max,la57=off"]),
    ...["-smp", String(machine.cpus), "-m", `${machine.memoryMiB}M`],
    ...["-kernel", kernel.image, "-initrd", image, "-append", KERNEL_COMMAND],
    ...["-serial", `file:${paths.console}`],
    ...["-device", "virtio-rng-pci", "-device", "vmgenid,guid=auto"],
    ...["-device", "virtio-serial-pci"],
    ...["-chardev", `socket,id=control,path=${paths.control}`],
    ...["-device", "virtserialport,chardev=control,name=signet.control"],
    ...["-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"],
    ...["-device", "virtio-9p-pci,fsdev=root,mount_tag=host"],
    ...["-netdev", `stream,id=lan,server=off,addr.type=unix,addr.path=${paths.network}`],
    ...["-device", `virtio-net-pci,netdev=lan,mac=${machine.mac},romfile=`],
    ...["-netdev", "user,id=up,ipv6=off"],
    ...["-device", `virtio-net-pci,netdev=up,romfile=`],
  ];
}
