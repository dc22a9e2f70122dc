// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { mountNamespaceOf } from "../../src/identification/host-files.js";
import type { ProcessFacts } from "../../src/identification/process-facts.js";

const NANOSECONDS_PER_TICK = 10_000_000n;

/** Starts a program and waits until it runs `executable`, as /proc names it. */
export async function startProcess(
  command: string,
  args: readonly string[],
  executable: RegExp,
): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(command, args, { stdio: ["pipe", "ignore", "inherit"] });
  await once(child, "spawn");
  for (let tries = 0; tries < 200; tries++) {
    const maps = await readFile(`/proc/${String(child.pid)}/comm`, "utf8");
    if (executable.test(maps.trim())) return child as ChildProcess & { readonly pid: number };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGKILL");
  throw new Error(`${command} did not come to run ${String(executable)}`);
}

/** Ends a process and waits for its end. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** The facts that the kernel module would give of a process, read from /proc. */
export async function factsOf(pid: number): Promise<ProcessFacts> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "latin1");
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  const status = await readFile(`/proc/${String(pid)}/status`, "latin1");
  const id = (name: string) =>
    Number(new RegExp(`^${name}:\\t\\d+\\t(\\d+)`, "m").exec(status)?.[1]);
  return {
    request: 1n,
    pid,
    startTimeNs: BigInt(ticks) * NANOSECONDS_PER_TICK + 123_456n,
    uid: id("Uid"),
    gid: id("Gid"),
    mountNs: await mountNamespaceOf(pid),
  };
}
