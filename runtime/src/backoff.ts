// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.js";

/** Delays between attempts: doubled each time up to a limit, each with its own jitter. */
export class Backoff {
  #attempt = 0;

  /**
   * @param firstMs The first delay, milliseconds.
   * @param largestMs The limit, milliseconds.
   */
  constructor(
    private readonly clock: Pick<Clock, "random">,
    private readonly firstMs: number,
    private readonly largestMs: number,
  ) {}

  /** The next delay, milliseconds: between half and the whole of the step. */
  next(): number {
    const step = Math.min(this.largestMs, this.firstMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return this.#jittered(step);
  }

  /** A delay of the largest step, for what won't pass soon. */
  largest(): number {
    return this.#jittered(this.largestMs);
  }

  /** Begins again with the first delay. */
  reset(): void {
    this.#attempt = 0;
  }

  #jittered(step: number): number {
    return step * (0.5 + this.clock.random() / 2);
  }
}
