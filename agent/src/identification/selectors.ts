// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { isFileAt } from "./host-files.js";
import type { FileHashes, Wanted } from "./file-hash.js";
import type { ProcessFacts } from "./process-facts.js";
import type { ProcessView } from "./process.js";

/** One process, as the selectors see it. */
export interface Subject {
  readonly facts: ProcessFacts;
  readonly view: ProcessView;
  /** Inode number of the host's mount namespace. */
  readonly hostMountNs: number;
  readonly hashes: FileHashes;
  readonly wanted: Wanted;
}

type Matcher = (subject: Subject, values: readonly string[]) => boolean | Promise<boolean>;

/** The cheapest first. */
const MATCHERS: Readonly<Record<string, Matcher>> = {
  "process:uid": ({ facts }, values) => values.includes(String(facts.uid)),
  "process:gid": ({ facts }, values) => values.includes(String(facts.gid)),
  "process:binary:path": runsFileAt,
  "process:binary:sha256": async ({ view, hashes, wanted }, values) => {
    const file = await view.executable();
    const stillAsked = () => wanted() && !view.hasExited();
    const hash = file === undefined ? undefined : await hashes.of(file, stillAsked);
    return hash !== undefined && values.includes(hash);
  },
};

const COSTS = Object.keys(MATCHERS);

/** Orders selectors by what looking costs, so that a hash is made only for what else matches. */
export function byCost(a: messages.Selector, b: messages.Selector): number {
  return COSTS.indexOf(a.key) - COSTS.indexOf(b.key);
}

/** True for selectors that this version knows; others match nothing. */
export function isKnownSelector(key: string): boolean {
  return Object.hasOwn(MATCHERS, key);
}

/** True when a process has one of the values of a selector. */
export async function hasSelector(subject: Subject, selector: messages.Selector): Promise<boolean> {
  if (!isKnownSelector(selector.key)) return false;
  const matches = MATCHERS[selector.key];
  return matches !== undefined && (await matches(subject, selector.values));
}

/** A path means a path of the host: inside another mount namespace it means nothing. */
async function runsFileAt(subject: Subject, paths: readonly string[]): Promise<boolean> {
  if (subject.facts.mountNs !== subject.hostMountNs) return false;
  const file = await subject.view.executable();
  if (file === undefined) return false;
  for (const path of paths) {
    if (path.startsWith("/") && (await isFileAt(file, path))) return true;
  }
  return false;
}
