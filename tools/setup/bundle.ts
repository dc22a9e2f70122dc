// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { build } from "esbuild";
import { repositoryRoot } from "./cache.mjs";

/** What runs on nodes, where start-up time counts: two hundred files take seconds to load there. */
const PROGRAMS = ["agent", "cli"];

// Packages in CommonJS call require(), which ES modules lack.
const REQUIRE = `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);`;

/** Bundles the programs that run on nodes, each into a few files: WORKSPACE/bundle/main.js. */
export async function bundlePrograms(): Promise<void> {
  for (const workspace of PROGRAMS) {
    const folder = join(repositoryRoot, workspace);
    await build({
      entryPoints: [join(folder, "dist/main.js")],
      outdir: join(folder, "bundle"),
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      external: ["@signet/agent/netlink"],
      banner: { js: REQUIRE },
      logLevel: "warning",
    });
  }
}
