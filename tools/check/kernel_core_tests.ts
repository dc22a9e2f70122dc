// SPDX-License-Identifier: Apache-2.0
import { ONE_FAILED, sum, type Counts } from "./counts.js";
import { runShown } from "./process.js";

/**
 * Builds kmod/core in user space under ASan and UBSan, and runs its tests. Each test program ends
 * with a line "N passed, N failed".
 */
export async function kernelCoreTests(): Promise<Counts> {
  const { status, output } = await runShown(["make", "-C", "kmod", "--no-print-directory", "test"]);
  const lines = [...output.matchAll(/^(?:\w+: )?(\d+) passed, (\d+) failed/gm)];
  const counts = sum(
    lines.map(([, passed, failed]) => ({
      passed: Number(passed),
      failed: Number(failed),
    })),
  );
  if (counts.passed === 0) return ONE_FAILED;
  return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
