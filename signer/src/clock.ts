// SPDX-License-Identifier: Apache-2.0

/** Milliseconds since 1970. */
export type Clock = () => number;

/** Whole seconds since 1970. */
export function seconds(clock: Clock): number {
  return Math.floor(clock() / 1000);
}
