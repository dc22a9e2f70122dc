// SPDX-License-Identifier: Apache-2.0

const LOOK_MS = 5_000;
/** As far as timers may be off by what the wall clock was slewed since they were set. */
const JUMP_MS = 1_000;
/** Node takes no longer delay. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface WallTimer {
  readonly time: number;
  readonly call: () => void;
  timer?: NodeJS.Timeout;
}

/**
 * Timers that ring when the wall clock says so. Node's own count on CLOCK_MONOTONIC, which stands
 * still while a machine sleeps, and knows nothing of a clock that is set: what is due by a
 * certificate's end would come late by as much. So both clocks are compared every few seconds.
 */
export class WallTimers {
  readonly #now: () => number;
  readonly #armed = new Set<WallTimer>();
  readonly #lookMs: number;
  #ahead = 0;
  #look: NodeJS.Timeout | undefined;

  /**
   * @param now the wall clock, milliseconds since 1970
   * @param lookMs how long a jump of it may go unnoticed
   */
  constructor(now: () => number, lookMs = LOOK_MS) {
    this.#now = now;
    this.#lookMs = lookMs;
  }

  /** Calls once when the wall clock says `time`, or soon when it says more. @returns what cancels it */
  at(time: number, call: () => void): () => void {
    const one: WallTimer = { time, call };
    if (this.#armed.size === 0) this.#begin();
    this.#armed.add(one);
    this.#arm(one);
    return () => {
      this.#drop(one);
    };
  }

  #begin(): void {
    this.#ahead = this.#now() - performance.now();
    this.#look = setInterval(() => {
      this.#compare();
    }, this.#lookMs);
    this.#look.unref(); // The timers keep the process; this only tends them.
  }

  #compare(): void {
    const ahead = this.#now() - performance.now();
    if (Math.abs(ahead - this.#ahead) < JUMP_MS) return;
    this.#ahead = ahead;
    for (const one of this.#armed) this.#arm(one);
  }

  #arm(one: WallTimer): void {
    clearTimeout(one.timer);
    const left = Math.max(0, one.time - this.#now());
    one.timer = setTimeout(
      () => {
        if (this.#now() < one.time) {
          this.#arm(one);
          return;
        }
        this.#drop(one);
        one.call();
      },
      Math.min(left, LONGEST_TIMER_MS),
    );
  }

  #drop(one: WallTimer): void {
    clearTimeout(one.timer);
    this.#armed.delete(one);
    if (this.#armed.size === 0) clearInterval(this.#look);
  }
}
