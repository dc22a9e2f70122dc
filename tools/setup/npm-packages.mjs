// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cachePath, repositoryRoot } from "./cache.mjs";
import { runLogged, timed } from "./progress.mjs";

/**
 * Installs exactly what package-lock.json names, unless that is what node_modules holds already.
 * @throws {Error} when npm fails
 */
export async function installNpmPackages() {
  if (installed()) return;
  const log = cachePath("log", "npm.log");
  await timed("installing npm packages", () =>
    runLogged(["npm", "ci", "--no-audit", "--no-fund"], {
      log,
      cwd: repositoryRoot,
      env: addonBuildEnvironment(),
    }),
  );
}

/**
 * The environment in which native addons are compiled: from source, and against the headers that
 * came with this Node.js where there are some.
 */
export function addonBuildEnvironment() {
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, "include/node/node_api.h"));
  return {
    ...process.env,
    npm_config_build_from_source: "true",
    ...(headers ? { npm_config_nodedir: prefix } : {}),
  };
}

function installed() {
  const hidden = join(repositoryRoot, "node_modules/.package-lock.json");
  if (!existsSync(hidden)) return false;
  const present = packagesOf(hidden);
  return Object.entries(packagesOf(join(repositoryRoot, "package-lock.json"))).every(
    ([path, wanted]) =>
      !path.startsWith("node_modules/") ||
      wanted.optional === true ||
      wanted.link === true ||
      present[path]?.version === wanted.version,
  );
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }>}
 */
function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}
