// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cachePath, repositoryRoot } from "../setup/cache.mjs";
import { debugKernel } from "../setup/debug-kernel.js";
import { buildModule } from "../setup/kernel-module.js";
import { stockKernel } from "../setup/stock-kernel.js";
import { ONE_FAILED, ONE_PASSED, type Counts } from "./counts.js";
import { oneCheck } from "./process.js";

const GENERATED = "kmod/*/generated/*";
// What checkpatch can't know of a module that lives outside the kernel's tree, builds for more than
// one version (compat.h), shares its core with user space, and changes tables of operations.
const EXEMPT = [
  ...["LINUX_VERSION_CODE", "CONSTANT_COMPARISON", "COMPLEX_MACRO", "FUNCTION_ARGUMENTS"],
  ...["PREFER_KERNEL_TYPES", "BIT_MACRO", "CONST_STRUCT", "SPLIT_STRING", "MISSING_SPACE"],
  ...["LONG_LINE_STRING"],
];

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

/** The kernel's own style, as checkpatch.pl --strict sees it, in all that becomes part of the module. */
export async function checkpatch(): Promise<Counts> {
  const { buildDir } = await debugKernel();
  const scripts = join(buildDir, "../source/scripts");
  const exempt = ["kmod/test", "kmod/fuzz", GENERATED].map((path) => `:!${path}`);
  const query = ["ls-files", "-z", "kmod/*.[ch]", ...exempt];
  const files = execFileSync("git", query, { cwd: repositoryRoot, encoding: "utf8" });
  const paths = files
    .split("\0")
    .flatMap((path) => (path === "" ? [] : [join(repositoryRoot, path)]));
  const options = ["--no-tree", "--strict", "--terse", "--no-summary", "--show-types"];
  const argv = [...options, "--ignore", EXEMPT.join(","), "-f", ...paths];
  // It leaves a file of its own where it runs.
  return oneCheck([join(scripts, "checkpatch.pl"), ...argv], scripts);
}
