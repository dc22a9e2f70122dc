// SPDX-License-Identifier: Apache-2.0
import { LONGEST_TIMER_MS, WallTimers } from "./wall-timers.js";

/** Cancels what was set up. Idempotent. */
export type Cancel = () => void;

/** Time and chance, entering by parameter. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls once after a delay in milliseconds, at least 0. */
  readonly after: (delayMs: number, call: () => void) => Cancel;
  /** Calls once when `now` says so, however it gets there: the machine may sleep, or be set. */
  readonly at: (time: number, call: () => void) => Cancel;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A clock that says what `now` does, and counts delays as this machine does. */
export function clockOf(now: () => number): Clock {
  const timers = new WallTimers(now);
  return {
    now,
    after: (delayMs, call) => {
      const timer = setTimeout(call, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
      return () => {
        clearTimeout(timer);
      };
    },
    at: (time, call) => timers.at(time, call),
    random: () => Math.random(),
  };
}

/** The machine's clock. */
export const systemClock: Clock = clockOf(() => Date.now());

/** Resolves after a delay in milliseconds, or at once when one of the signals aborts. */
export function pause(clock: Clock, delayMs: number, ...signals: AbortSignal[]): Promise<void> {
  return rung((done) => clock.after(delayMs, done), signals);
}

/** Resolves when the clock says `time`, milliseconds since 1970, or at once when the signal aborts. */
export function pauseUntil(clock: Clock, time: number, signal: AbortSignal): Promise<void> {
  return rung((done) => clock.at(time, done), [signal]);
}

// Not AbortSignal.any(): a signal that lives long would hold on to each that was made of it.
function rung(set: (done: () => void) => Cancel, signals: AbortSignal[]): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = set(done);
    for (const signal of signals) signal.addEventListener("abort", done);
  });
}

/** Calls again and again, `periodMs` after each call. */
export function every(clock: Clock, periodMs: number, call: () => void): Cancel {
  let cancel = clock.after(periodMs, ring);
  function ring(): void {
    cancel = clock.after(periodMs, ring);
    call();
  }
  return () => {
    cancel();
  };
}

/** Whole seconds since 1970. */
export function seconds(clock: Pick<Clock, "now">): number {
  return Math.floor(clock.now() / 1000);
}
