// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Kernel } from "../../tools/setup/kernel.js";

/** A host's place in the lab's network. */
export interface HostAddress {
  readonly name: string;
  /** On eth0, /24. */
  readonly ipv4: string;
  /** On eth0, /64. */
  readonly ipv6: string;
  readonly mac: string;
}

/** A guest has these to itself. */
const EMPTIED = /^\/(tmp|run|dev\/shm)\//;

/** Where the lab host's own services are, seen from a guest (over eth1). */
export const HOST_GATEWAY = "10.0.2.2";

/** The nth host's place in the lab's network, counted from 0. */
export function hostAddress(name: string, index: number): HostAddress {
  const number = 11 + index;
  const hex = number.toString(16).padStart(2, "0");
  return {
    name,
    ipv4: `10.77.0.${number}`,
    ipv6: `fd77::${number}`,
    mac: `52:54:00:77:00:${hex}`,
  };
}

/**
 * The script for busybox that makes a booted guest a host: its file systems, names and networks.
 * @param shared folders of the real machine that stay visible where /tmp hides them, and that every
 * user of a guest reaches, though they be below a home folder that is closed to others
 */
export function guestSetupScript(
  self: HostAddress,
  lab: readonly HostAddress[],
  kernel: Kernel,
  shared: readonly string[],
): string {
  const closed = closedFoldersAbove(shared.filter((path) => !EMPTIED.test(path)));
  const homes = closed.filter((folder) => !closed.some((other) => folder.startsWith(`${other}/`)));
  const covered = shared.filter(
    (path) => EMPTIED.test(path) || closed.some((folder) => path.startsWith(`${folder}/`)),
  );
  return [
    "set -e",
    // What is about to be covered is kept under /run, then bound to its own place again.
    ...covered.map(
      (path, i) => `mkdir -p /run/shared/${i}; mount -o bind ${quote(path)} /run/shared/${i}`,
    ),
    "mount -t tmpfs -o mode=1777 tmp /tmp",
    ...homes.flatMap((folder) => overlay(folder.slice(1))),
    ...closed.map((folder) => `chmod a+x ${quote(folder)}`),
    ...covered.map(
      (path, i) => `mkdir -p ${quote(path)}; mount -o bind /run/shared/${i} ${quote(path)}`,
    ),
    ...overlay("etc"),
    ...overlay("var"),
    "mkdir -p /dev/pts /dev/shm /run/lock /run/home",
    "mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts",
    "mount -t tmpfs -o mode=1777 shm /dev/shm",
    "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
    "mount -t debugfs debugfs /sys/kernel/debug",
    "mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || :",
    ...(kernel.modules === undefined
      ? []
      : [`mount -o bind ${quote(kernel.modules)} /lib/modules`]),
    "ln -sf /proc/self/fd /dev/fd",
    `hostname ${self.name}`,
    `printf '%s\\n' ${["127.0.0.1 localhost", "::1 localhost", ...names(lab)].map(quote).join(" ")} > /etc/hosts`,
    `echo ${self.name} > /etc/hostname`,
    ": > /etc/resolv.conf",
    "ip link set lo up",
    "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad",
    // Jumbo frames: each packet costs an emulated machine dear.
    "ip link set eth0 up mtu 9000",
    `ip addr add ${self.ipv4}/24 dev eth0`,
    `ip addr add ${self.ipv6}/64 dev eth0`,
    "ip link set eth1 up",
    "ip addr add 10.0.2.15/24 dev eth1",
  ].join("\n");
}

/**
 * The folders above some, outermost first, that not every user may pass.
 */
export function closedFoldersAbove(paths: readonly string[]): string[] {
  const above = paths.flatMap((path) => {
    const names = dirname(path).split("/").slice(1);
    return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(above)].filter((folder) => (statSync(folder).mode & 0o001) === 0).sort();
}

function overlay(folder: string): string[] {
  const layers = `/run/overlay/${folder}`;
  return [
    `mkdir -p ${layers}/upper ${layers}/work`,
    `mount -t overlay -o lowerdir=/${folder},upperdir=${layers}/upper,workdir=${layers}/work ${folder} /${folder}`,
  ];
}

function names(lab: readonly HostAddress[]): string[] {
  return lab.flatMap(({ name, ipv4, ipv6 }) => [`${ipv4} ${name}`, `${ipv6} ${name}`]);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
