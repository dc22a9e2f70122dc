// SPDX-License-Identifier: Apache-2.0
import { open, readFile, type FileHandle } from "node:fs/promises";
import { constants } from "node:os";
import { isSystemError, native } from "../native.js";
import type { ProcessFacts } from "./process-facts.js";

// USER_HZ, in which /proc gives times: 100 on every architecture that Debian has.
const NANOSECONDS_PER_TICK = 10_000_000n;
const GONE: readonly number[] = [-constants.errno.ESRCH, -constants.errno.ENOENT];

/**
 * Looks at a process with the certainty that it is the one the kernel asked about: a pidfd is held
 * while `look` runs, the start time compared, and what `look` found thrown away if the process ended
 * meanwhile (its pid may be another's by then).
 *
 * @returns What `look` found; undefined when the process is gone.
 */
export async function lookAtProcess<T>(
  facts: Pick<ProcessFacts, "pid" | "startTimeNs">,
  look: (process: ProcessView) => Promise<T>,
): Promise<T | undefined> {
  const handle = openHandle(facts.pid);
  if (handle === undefined) return undefined;
  const view = new ProcessView(facts.pid);
  try {
    if ((await view.startTicks()) !== facts.startTimeNs / NANOSECONDS_PER_TICK) return undefined;
    const found = await look(view);
    return native.hasExited(handle) ? undefined : found;
  } catch (error) {
    if (native.hasExited(handle)) return undefined;
    throw error;
  } finally {
    await view.close();
    native.closeProcess(handle);
  }
}

/** A process as /proc shows it. */
export class ProcessView {
  readonly #pid: number;
  #executable: Promise<FileHandle | undefined> | undefined;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Start time of the thread group leader since boot, in clock ticks (proc(5), field 22). */
  async startTicks(): Promise<bigint | undefined> {
    const stat = await readFile(`/proc/${String(this.#pid)}/stat`, "latin1").catch(whenGone);
    // The command's name, in parentheses, may hold anything: count from the last one.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields?.[19];
    return ticks === undefined ? undefined : BigInt(ticks);
  }

  /** The file that the process runs, open for reading; undefined when there is none to open. */
  executable(): Promise<FileHandle | undefined> {
    this.#executable ??= open(`/proc/${String(this.#pid)}/exe`, "r").catch(() => undefined);
    return this.#executable;
  }

  async close(): Promise<void> {
    await (await this.#executable)?.close();
  }
}

function openHandle(pid: number): number | undefined {
  try {
    return native.openProcess(pid);
  } catch (error) {
    whenGone(error);
    return undefined;
  }
}

function whenGone(error: unknown): undefined {
  if (isSystemError(error) && GONE.includes(error.errno)) return undefined;
  throw error;
}
