// SPDX-License-Identifier: Apache-2.0

/** Cancels what was set up. Idempotent. */
export type Cancel = () => void;

/** Time and chance, entering by parameter. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls once after a delay in milliseconds, at least 0. */
  readonly after: (delayMs: number, call: () => void) => Cancel;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, Math.min(Math.max(0, delayMs), LONGEST_TIMER));
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => Math.random(),
};

/** Resolves after a delay in milliseconds, or at once when the signal aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener("abort", done);
  });
}

/** Whole seconds since 1970. */
export function seconds(clock: Pick<Clock, "now">): number {
  return Math.floor(clock.now() / 1000);
}
