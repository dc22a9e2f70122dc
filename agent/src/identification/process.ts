// SPDX-License-Identifier: Apache-2.0
import { readFile, type FileHandle } from "node:fs/promises";
import { native, whenGone } from "../native.js";
import { CalledExec, openExecutable } from "./executable.js";
import type { ProcessFacts } from "./process-facts.js";

// USER_HZ, in which /proc gives times: 100 on every architecture that Debian has.
const NANOSECONDS_PER_TICK = 10_000_000n;

/**
 * Looks at a process with the certainty that it is the one the kernel asked about: a pidfd is held
 * while `look` runs, the start time compared, and what `look` found thrown away if the process ended
 * meanwhile (its pid may be another's by then) or was found to run another file than it did.
 *
 * @returns What `look` found; undefined when the process is gone, or became another by exec.
 */
export async function lookAtProcess<T>(
  facts: ProcessFacts,
  look: (process: ProcessView) => Promise<T>,
): Promise<T | undefined> {
  const handle = openHandle(facts.pid);
  if (handle === undefined) return undefined;
  const view = new ProcessView(facts, handle);
  try {
    if ((await view.startTicks()) !== facts.startTimeNs / NANOSECONDS_PER_TICK) return undefined;
    const found = await look(view);
    return view.hasExited() ? undefined : found;
  } catch (error) {
    if (error instanceof CalledExec || view.hasExited()) return undefined;
    throw error;
  } finally {
    await view.close();
    native.closeProcess(handle);
  }
}

/** A process as /proc shows it. Its main thread, whose pid it has, may have ended. */
export class ProcessView {
  readonly #facts: ProcessFacts;
  #executable: Promise<FileHandle | undefined> | undefined;

  /** @param handle Its pidfd. */
  constructor(
    facts: ProcessFacts,
    private readonly handle: number,
  ) {
    this.#facts = facts;
  }

  hasExited(): boolean {
    return native.hasExited(this.handle);
  }

  /** Start time of the thread group leader since boot, in clock ticks (proc(5), field 22). */
  async startTicks(): Promise<bigint | undefined> {
    const stat = await readFile(`/proc/${String(this.#facts.pid)}/stat`, "latin1").catch(whenGone);
    // The command's name, in parentheses, may hold anything: count from the last one.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields?.[19];
    return ticks === undefined ? undefined : BigInt(ticks);
  }

  /**
   * The file that the process ran when the kernel asked, open for reading: whatever it runs later,
   * this one stays. Undefined when there is none to open.
   *
   * @throws CalledExec, SystemError
   */
  executable(): Promise<FileHandle | undefined> {
    this.#executable ??= openExecutable(this.#facts, this.#facts);
    return this.#executable;
  }

  async close(): Promise<void> {
    const file = await this.#executable?.catch(() => undefined);
    await file?.close();
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
