// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../setup/cache.mjs";
import { ONE_FAILED, ONE_PASSED, type Counts } from "./counts.js";
import { runShown } from "./process.js";

/** Generates everything anew: passes when no file of the checkout is another one then. */
export async function generatedFiles(): Promise<Counts> {
  const before = fileHashes();
  if ((await runShown(["npm", "run", "--silent", "generate"])).status !== 0) return ONE_FAILED;
  const after = fileHashes();
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changed = paths.filter((path) => before.get(path) !== after.get(path));
  for (const path of changed) console.log(`${path} is not what \`npm run generate\` makes`);
  return changed.length === 0 ? ONE_PASSED : ONE_FAILED;
}

/** Of each file that git tracks or would track. */
function fileHashes(): Map<string, string> {
  const query = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", query, { cwd: repositoryRoot, encoding: "utf8" });
  return new Map(paths.split("\0").flatMap((path) => (path === "" ? [] : [[path, hash(path)]])));
}

function hash(path: string): string {
  try {
    const data = readFileSync(join(repositoryRoot, path));
    return createHash("sha256").update(data).digest("hex");
  } catch {
    return "absent";
  }
}
