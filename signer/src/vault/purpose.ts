// SPDX-License-Identifier: Apache-2.0

import { pause, type Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { Breaker } from "./breaker.js";
import { Complaints } from "./complaints.js";
import { VaultAnswerError, triesWorth } from "./vault-error.js";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** With less time left nothing is tried again: Vault would sign what nobody waits for. */
const LEAST_TIME_MS = 100;

/** What requests of all purposes share. */
export interface PurposeParts {
  /** Longest wait for a request with its retries, in milliseconds. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the pauses between tries. */
  readonly closing: AbortSignal;
}

/**
 * One purpose that Vault is asked for, such as signing on one mount, with a breaker of its own. Why
 * it failed is in the log. A request is tried again only where that can help, with growing pauses or
 * the one that Vault asked for, as long as its deadline allows.
 */
export class Purpose {
  readonly #parts: PurposeParts;
  readonly #breaker = new Breaker();
  readonly #complaints: Complaints;

  /** @param name for the log */
  constructor(name: string, parts: PurposeParts) {
    this.#parts = parts;
    this.#complaints = new Complaints(name, parts.clock, parts.log);
  }

  /**
   * @param send makes the request; it is given how long that may take at most, in milliseconds
   * @param until ends the tries, and the pauses between them
   * @throws what the last try failed with; the reason of `until` when that was before the first
   */
  async attempt<T>(send: (limitMs: number) => Promise<T>, until?: AbortSignal): Promise<T> {
    const { deadlineMs, clock, closing } = this.#parts;
    const enders = until === undefined ? [closing] : [closing, until];
    const ends = performance.now() + deadlineMs;
    until?.throwIfAborted();
    for (let retries = 0; ; retries++) {
      try {
        const answer = await this.#breaker.run(() => send(ends - performance.now()));
        this.#complaints.worked();
        return answer;
      } catch (error) {
        this.#complaints.failed(error);
        const wait = this.#pauseAfter(retries, error);
        if (wait === undefined || performance.now() + wait + LEAST_TIME_MS > ends) throw error;
        await pause(clock, wait, ...enders);
        if (enders.some(({ aborted }) => aborted)) throw error;
      }
    }
  }

  /** Milliseconds; undefined when it is not to be tried again. */
  #pauseAfter(retries: number, error: unknown): number | undefined {
    const random = this.#parts.clock.random();
    if (error instanceof VaultAnswerError && error.retryAfterMs !== undefined) {
      return error.retryAfterMs * (1 + random / 4); // Not all who were told so at the same moment.
    }
    if (retries >= triesWorth(error)) return undefined;
    return Math.min(FIRST_PAUSE_MS * 2 ** retries, LONGEST_PAUSE_MS) * (0.5 + random);
  }
}
