// SPDX-License-Identifier: Apache-2.0
import { cachePath, repositoryRoot } from "./cache.mjs";
import { runLogged } from "./progress.mjs";

/** Compiles the workspaces (`tsc -b`, incremental). */
export async function buildTypeScript(): Promise<void> {
  const log = cachePath("log", "tsc.log");
  await runLogged(["node_modules/.bin/tsc", "-b"], { log, cwd: repositoryRoot });
}
