// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cachePath, repositoryRoot } from "../setup/cache.mjs";
import { ONE_FAILED, type Counts } from "./counts.js";
import { runShown } from "./process.js";

const REPORTER = join(repositoryRoot, "tools/check/counting-reporter.ts");

/**
 * Runs the mocha tests under one folder.
 * @returns what passed and failed; a run that breaks off, or finds no test, is one more failure
 */
export async function mochaTests(folder: string): Promise<Counts> {
  const file = cachePath("check", "counts.json");
  rmSync(file, { force: true });
  const report = ["--reporter", REPORTER, "--reporter-option", `file=${file}`];
  const { status } = await runShown(["mocha", ...report, "--exit", `${folder}/**/*.test.ts`]);
  if (!existsSync(file)) return ONE_FAILED;
  const counts = JSON.parse(readFileSync(file, "utf8")) as Counts;
  const brokenOff = (status !== 0 && counts.failed === 0) || counts.passed + counts.failed === 0;
  return brokenOff ? { ...counts, failed: 1 } : counts;
}
