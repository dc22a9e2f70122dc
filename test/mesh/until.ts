// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until a condition holds, looking every 100 ms unless said otherwise: a look that takes the
 * time of the CPUs on which the guests are emulated is one that they wait for.
 *
 * @returns true, so that it can be the condition of a check.
 * @throws Error that names the condition when it does not hold within the time.
 */
export async function until(
  condition: string,
  holds: () => Promise<boolean> | boolean,
  timeoutMs = 180_000,
  everyMs = 100,
): Promise<true> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${String(timeoutMs / 1000)} s: ${condition}`);
    }
    await sleep(everyMs);
  }
  return true;
}
