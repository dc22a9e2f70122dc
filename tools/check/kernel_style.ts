// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cachePath, repositoryRoot } from "../setup/cache.mjs";
import { debugKernel } from "../setup/debug_kernel.js";
import { buildModule } from "../setup/kernel_module.js";
import { stockKernel } from "../setup/stock_kernel.js";
import { ONE_FAILED, ONE_PASSED, type Counts } from "./counts.js";
import { oneCheck } from "./process.js";

/** Builds signet.ko with all of the compiler's warnings (W=1) and sparse: there must be none. */
export async function moduleWarnings(): Promise<Counts> {
  const folder = cachePath("kmod", "checked");
  const log = cachePath("log", "module-checked.log");
  for (const path of [folder, log]) rmSync(path, { recursive: true, force: true });
  const sources = join(repositoryRoot, "kmod");
  const variables = { W: "1", C: "2" };
  const kernel = await stockKernel();
  await buildModule({ kernel, sources, folder, log, file: "signet.ko", variables });
  const warnings = readFileSync(log, "utf8").match(/^.*\b(warning|error): .*$/gm) ?? [];
  console.log(warnings.join("\n"));
  return warnings.length === 0 ? ONE_PASSED : ONE_FAILED;
}

/** The kernel's own style, as checkpatch.pl --strict sees it. */
export async function checkpatch(): Promise<Counts> {
  const { buildDir } = await debugKernel();
  const script = join(buildDir, "../source/scripts/checkpatch.pl");
  const query = ["ls-files", "-z", "kmod/*.c", "kmod/*.h"];
  const files = execFileSync("git", query, { cwd: repositoryRoot, encoding: "utf8" });
  const options = ["--no-tree", "--strict", "--terse", "--no-summary", "--show-types"];
  return oneCheck([script, ...options, "-f", ...files.split("\0").filter(Boolean)]);
}
