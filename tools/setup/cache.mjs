// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root folder of the checkout. */
export const repositoryRoot = resolve(import.meta.dirname, "../..");

/** The folder of everything that setup builds or downloads; it can be deleted at any time. */
export const cacheRoot = resolve(process.env["SIGNET_CACHE"] ?? join(repositoryRoot, ".cache"));

/**
 * A path inside the cache; its parent folder exists when this returns.
 * @param {...string} segments
 */
export function cachePath(...segments) {
  const path = join(cacheRoot, ...segments);
  mkdirSync(resolve(path, ".."), { recursive: true });
  return path;
}
