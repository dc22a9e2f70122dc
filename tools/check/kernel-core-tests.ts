// SPDX-License-Identifier: Apache-2.0
import { ONE_FAILED, type Counts } from "./counts.js";
import { runShown } from "./process.js";

/**
 * Builds kmod/core in user space under ASan and UBSan, and runs its tests and fuzzers; the last line
 * that they print has their sum.
 */
export function kernelCoreTests(): Promise<Counts> {
  return counted(["make", "-C", "kmod/test", "-s", "-j2"]);
}

/** Runs each fuzzer of kmod/core for ten minutes. */
export function fuzzCampaign(): Promise<Counts> {
  return counted(["make", "-C", "kmod/test", "-s", "-j2", "fuzz"]);
}

async function counted(command: readonly string[]): Promise<Counts> {
  const { status, output } = await runShown(command);
  const sum = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  const counts = { passed: Number(sum?.[1] ?? 0), failed: Number(sum?.[2] ?? 0) };
  if (counts.passed === 0) return ONE_FAILED;
  return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
