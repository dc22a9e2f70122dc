// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { byCost } from "./selectors.js";

/** The outcome of comparing a process with the entries. */
export type Match =
  | { readonly verdict: "identity"; readonly spiffeId: string; readonly entryId: string }
  | { readonly verdict: "none" }
  | { readonly verdict: "ambiguous"; readonly spiffeIds: readonly string[] };

/** Says whether the process has a selector. */
export type SelectorTest = (selector: messages.Selector) => Promise<boolean>;

/**
 * Compares a process with all entries. Sets of selectors are alternatives, the selectors of a set
 * must all match, and an empty set or list matches nothing. Entries of one SPIFFE ID are one
 * identity, of which the first entry by ID is named; different SPIFFE IDs give none.
 */
export async function matchEntries(
  entries: Iterable<messages.Entry>,
  test: SelectorTest,
): Promise<Match> {
  const matching: messages.Entry[] = [];
  for (const entry of entries) {
    if (await anySetMatches(entry.workloadSelectors, test)) matching.push(entry);
  }
  const [first] = matching.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (first === undefined) return { verdict: "none" };
  const spiffeIds = [...new Set(matching.map((entry) => entry.spiffeId))];
  if (spiffeIds.length > 1) return { verdict: "ambiguous", spiffeIds };
  return { verdict: "identity", spiffeId: first.spiffeId, entryId: first.id };
}

async function anySetMatches(
  sets: readonly messages.SelectorSet[],
  test: SelectorTest,
): Promise<boolean> {
  for (const { selectors } of sets) {
    if (selectors.length > 0 && (await everyMatches(selectors, test))) return true;
  }
  return false;
}

async function everyMatches(
  selectors: readonly messages.Selector[],
  test: SelectorTest,
): Promise<boolean> {
  for (const selector of selectors.toSorted(byCost)) {
    if (!(await test(selector))) return false;
  }
  return true;
}
