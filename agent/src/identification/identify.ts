// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import type { FileHashes, Wanted } from "./file-hash.js";
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
  /** False once the kernel waits no more. */
  readonly wanted: Wanted;
}

/**
 * Finds out who a process is: the kernel's facts, what /proc adds to them, the entries of this node.
 *
 * @throws SystemError when the process is there but /proc can't be read; SignetError CANCELLED when
 * the answer is no longer wanted.
 */
export async function identify(
  facts: ProcessFacts,
  { entries, ...context }: IdentificationContext,
): Promise<Identification> {
  const match = await lookAtProcess(facts, (view) => {
    const asked = new Map<string, Promise<boolean>>();
    const subject = { facts, view, ...context };
    return matchEntries(entries, (selector) => {
      const key = JSON.stringify([selector.key, selector.values]);
      const answer = asked.get(key) ?? hasSelector(subject, selector);
      asked.set(key, answer);
      return answer;
    });
  });
  return match ?? { verdict: "gone" };
}
