// SPDX-License-Identifier: Apache-2.0

/** What test/programs/burst_client counted; times in seconds since the first connect(). */
export interface BurstOutcome {
  readonly served: number;
  /** Begun, but neither served nor failed when the time was over. */
  readonly unfinished: number;
  /** Not begun when the time was over; of those that begin at once. */
  readonly unbegun: number;
  /** How many failed, by "CALL ERRNO": "connect ETIMEDOUT". */
  readonly failed: ReadonlyMap<string, number>;
  /** When the last connect() was called. */
  readonly begun: number;
  /** When the last answer came; 0 when none came. */
  readonly last: number;
  /** How many answers came in a second, counted from 0. */
  readonly answers: ReadonlyMap<number, number>;
}

/**
 * Reads what the program printed.
 * @throws Error that quotes a line which isn't the program's
 */
export function parseOutcome(output: string): BurstOutcome {
  const counts = { served: 0, unfinished: 0, unbegun: 0, begun: 0, last: 0 };
  const failed = new Map<string, number>();
  const answers = new Map<number, number>();
  for (const line of output.trimEnd().split("\n")) {
    const words = line.split(" ");
    const [key = "", first = "", second = ""] = words;
    const value = Number(words.at(-1));
    if (key in counts && words.length === 2) counts[key as keyof typeof counts] = value;
    else if (key === "failed" && words.length === 4) failed.set(`${first} ${second}`, value);
    else if (key === "second" && words.length === 3) answers.set(Number(first), value);
    else throw new Error(`burst_client printed "${line}"`);
  }
  return { ...counts, failed, answers };
}
