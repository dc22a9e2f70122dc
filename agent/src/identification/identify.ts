// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import type { FileHashes } from "./file-hash.js";
import { matchEntries, type Match } from "./match.js";
import { lookAtProcess } from "./process.js";
import type { ProcessFacts } from "./process-facts.js";
import { hasSelector } from "./selectors.js";

/** Who a process is, or that it is no longer there to be looked at. */
export type Identification = Match | { readonly verdict: "gone" };

/** What identification needs beside the facts. */
export interface IdentificationContext {
  readonly entries: Iterable<messages.Entry>;
  /** Inode number of the host's mount namespace. */
  readonly hostMountNs: number;
  readonly hashes: FileHashes;
}

/**
 * Finds out who a process is: the kernel's facts, what /proc adds to them, the entries of this node.
 *
 * @throws SystemError when the process is there but /proc can't be read.
 */
export async function identify(
  facts: ProcessFacts,
  { entries, hostMountNs, hashes }: IdentificationContext,
): Promise<Identification> {
  const match = await lookAtProcess(facts, (view) => {
    const asked = new Map<string, Promise<boolean>>();
    const subject = { facts, view, hostMountNs, hashes };
    return matchEntries(entries, (selector) => {
      const key = JSON.stringify([selector.key, selector.values]);
      const answer = asked.get(key) ?? hasSelector(subject, selector);
      asked.set(key, answer);
      return answer;
    });
  });
  return match ?? { verdict: "gone" };
}
