// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../src/clock.js";

/** A clock that goes only when it is told to. */
export class ManualClock implements Clock {
  #timers: { readonly at: number; readonly call: () => void }[] = [];

  constructor(
    private time: number,
    readonly random: () => number = () => 0.5,
  ) {}

  readonly now = (): number => this.time;

  readonly after = (delayMs: number, call: () => void) => {
    return this.at(this.time + Math.max(0, delayMs), call);
  };

  readonly at = (time: number, call: () => void) => {
    const timer = { at: time, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** When each timer will ring, in order. */
  get due(): readonly number[] {
    return this.#timers.map(({ at }) => at).sort((a, b) => a - b);
  }

  /** Goes on, ringing what falls due, and lets what it started settle. */
  async advance(ms: number): Promise<void> {
    await settle();
    const end = this.time + ms;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.at - b.at).find(({ at }) => at <= end);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = next.at;
      next.call();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets promises that are ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
