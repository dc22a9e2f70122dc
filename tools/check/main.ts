// SPDX-License-Identifier: Apache-2.0
// Runs the checks: all but the long ones, or those whose stages or groups are named.
import { ONE_FAILED, sum, type Counts } from "./counts.js";
import { STAGES, type Stage } from "./stages.js";

const wanted = process.argv.slice(2);
const chosen = STAGES.filter(({ groups, name }) =>
  wanted.length === 0
    ? groups.some((group) => group !== "long")
    : [...groups, name].some((n) => wanted.includes(n)),
);
if (chosen.length === 0) {
  const names = new Set(STAGES.flatMap(({ groups, name }) => [...groups, name]));
  console.error(`nothing is called that; there are: ${[...names].join(", ")}`);
  process.exit(2);
}

const summary: string[] = [];
const results: Counts[] = [];
for (const stage of chosen) {
  const start = Date.now();
  console.log(`\n── ${stage.name}`);
  const counts = await result(stage);
  const seconds = ((Date.now() - start) / 1000).toFixed(1).padStart(7);
  const passed = String(counts.passed).padStart(5);
  summary.push(`${stage.name.padEnd(18)} ${passed} passed ${counts.failed} failed ${seconds} s`);
  results.push(counts);
}
const { passed, failed } = sum(results);
console.log(`\n${summary.join("\n")}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function result(stage: Stage): Promise<Counts> {
  try {
    return await stage.run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return ONE_FAILED;
  }
}
