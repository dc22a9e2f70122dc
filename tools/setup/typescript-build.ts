// SPDX-License-Identifier: Apache-2.0
import { bundlePrograms } from "./bundle.js";
import { cachePath, repositoryRoot } from "./cache.mjs";
import { runLogged } from "./progress.mjs";

/** Compiles the workspaces (`tsc -b`, incremental), and bundles what runs on nodes. */
export async function buildTypeScript(): Promise<void> {
  const log = cachePath("log", "tsc.log");
  await runLogged(["node_modules/.bin/tsc", "-b"], { log, cwd: repositoryRoot });
  await bundlePrograms();
}
