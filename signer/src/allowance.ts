// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "@signet/runtime/clock.js";

const MINUTE_MS = 60_000;

/** Allows so many things in each minute, and counts the others. */
export class Allowance {
  readonly #perMinute: number;
  readonly #clock: Clock;
  #begun = -Infinity;
  #used = 0;
  #refused = 0;

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** How many were refused since the last one that was allowed; undefined when this one is, too. */
  take(): number | undefined {
    const now = this.#clock.now();
    if (Math.abs(now - this.#begun) >= MINUTE_MS) {
      this.#begun = now;
      this.#used = 0;
    }
    if (this.#used >= this.#perMinute) {
      this.#refused += 1;
      return undefined;
    }
    this.#used += 1;
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}
