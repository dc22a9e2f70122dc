// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
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
  const started = child as ChildProcess & { readonly pid: number };
  try {
    await untilItRuns(started.pid, executable);
    return started;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** Waits until a process runs `executable`, as /proc names it. */
export async function untilItRuns(pid: number, executable: RegExp): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const name = await readFile(`/proc/${String(pid)}/comm`, "utf8");
    if (executable.test(name.trim())) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`process ${String(pid)} did not come to run ${String(executable)}`);
}

/** Ends a process and waits for its end. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Waits until the main thread of a process has ended. */
export async function untilMainThreadEnded(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (/\) Z /.test(await readFile(`/proc/${String(pid)}/stat`, "latin1"))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the main thread of process ${String(pid)} did not end`);
}

/** The facts that the kernel module would give of a process's thread, read from /proc. */
export async function factsOf(pid: number, tid = pid): Promise<ProcessFacts> {
  const line = await readFile(`/proc/${String(pid)}/stat`, "latin1");
  const ticks = line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  const status = await readFile(`/proc/${String(tid)}/status`, "latin1");
  const id = (name: string) =>
    Number(new RegExp(`^${name}:\\t\\d+\\t(\\d+)`, "m").exec(status)?.[1]);
  const { dev, ino } = await stat(`/proc/${String(tid)}/exe`, { bigint: true });
  return {
    request: 1n,
    pid,
    tid,
    startTimeNs: BigInt(ticks) * NANOSECONDS_PER_TICK + 123_456n,
    uid: id("Uid"),
    gid: id("Gid"),
    mountNs: await mountNamespaceOf(tid),
    exeDeviceMajor: Number(dev >> 8n),
    exeDeviceMinor: Number(dev & 0xffn),
    exeInode: ino,
  };
}
