// SPDX-License-Identifier: Apache-2.0

/** How many checks passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** One check that passed. */
export const ONE_PASSED: Counts = { passed: 1, failed: 0 };

/** One check that failed. */
export const ONE_FAILED: Counts = { passed: 0, failed: 1 };

/** All counts added up. */
export function sum(counts: readonly Counts[]): Counts {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
}
