// SPDX-License-Identifier: Apache-2.0
import { ONE_FAILED, type Counts } from "./counts.js";
import { runShown } from "./process.js";

/**
 * Builds kmod/core in user space under ASan and UBSan, and runs its tests and fuzzers; the last line
 * that they print has their sum.
 */
export async function kernelCoreTests(): Promise<Counts> {
  const { status, output } = await runShown(["make", "-C", "kmod/test", "-s", "-j2"]);
  const sum = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  const counts = { passed: Number(sum?.[1] ?? 0), failed: Number(sum?.[2] ?? 0) };
  if (counts.passed === 0) return ONE_FAILED;
  return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
