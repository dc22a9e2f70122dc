// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { repositoryRoot } from "../setup/cache.mjs";
import { ONE_FAILED, ONE_PASSED, sum, type Counts } from "./counts.js";
import { circleInWords, findCircle, type Import } from "./import-circles.js";

/** A tree whose folders must not import in a circle. */
export interface Tree {
  readonly folder: string;
  /** Every import of one file of the tree by another. */
  readonly imports: (folder: string) => readonly Import[];
}

/** All trees that are looked at; each is one check. */
const TREES: readonly Tree[] = [
  { folder: "kmod", imports: (folder) => includes(folder, ["build", "fuzz", "test"]) },
  { folder: "contract/src", imports: modules },
  { folder: "runtime/src", imports: modules },
  { folder: "vault-config/src", imports: modules },
  { folder: "signer/src", imports: modules },
  { folder: "agent/src", imports: modules },
  { folder: "cli/src", imports: modules },
];

/** Passes when no folders import in a circle: each knows only those below it. */
export function rooms(): Promise<Counts> {
  return Promise.resolve(sum(TREES.map(oneTree)));
}

function oneTree({ folder, imports }: Tree): Counts {
  const all = imports(join(repositoryRoot, folder));
  if (all.length === 0) {
    console.log(`${folder}: no imports were found`);
    return ONE_FAILED;
  }
  const circle = findCircle(all);
  if (circle.length === 0) return ONE_PASSED;
  console.log(`${folder}: ${circleInWords(circle)}`);
  return ONE_FAILED;
}

/**
 * What C sources name by `#include "…"`, which is relative to the tree.
 *
 * @param without Folders of the tree that are left out.
 */
export function includes(folder: string, without: readonly string[] = []): readonly Import[] {
  const skipped = new Set(without.map((name) => join(folder, name)));
  return sources(folder, /\.[ch]$/, skipped).flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^[ \t]*#[ \t]*include[ \t]+"([^"]+)"/gm)].map(
      ([, to = ""]) => ({ from: relative(folder, path), to }),
    ),
  );
}

/** What TypeScript sources name by `from "./…"`, `import "./…"` or `import("./…")`, types included. */
export function modules(folder: string): readonly Import[] {
  return sources(folder, /\.ts$/).flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)\.js"/g)].map(
      ([, to = ""]) => ({
        from: relative(folder, path),
        to: relative(folder, join(dirname(path), `${to}.ts`)),
      }),
    ),
  );
}

function sources(
  folder: string,
  named: RegExp,
  skipped: ReadonlySet<string> = new Set(),
): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(path) ? [] : sources(path, named, skipped);
      return named.test(entry.name) ? [path] : [];
    });
}
