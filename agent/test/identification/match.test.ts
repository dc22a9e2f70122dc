// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { expect } from "chai";
import fc from "fast-check";
import { matchEntries } from "../../src/identification/match.js";

const selector = fc.record({
  key: fc.constantFrom("a", "b", "c"),
  values: fc.array(fc.constantFrom("1", "2"), { minLength: 1, maxLength: 2 }),
});
const entries = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    spiffeId: fc.constantFrom("spiffe://t/a", "spiffe://t/b"),
    name: fc.constant(""),
    workloadSelectors: fc.array(fc.record({ selectors: fc.array(selector, { maxLength: 3 }) }), {
      maxLength: 2,
    }),
    nodeSelectors: fc.constant<messages.SelectorSet[]>([]),
    ttlSeconds: fc.constant(60),
  }),
  { selector: ({ id }) => id, maxLength: 5 },
);
const facts = fc.record({
  a: fc.constantFrom("1", "2"),
  b: fc.constantFrom("1", "2"),
  c: fc.constantFrom("1", "2"),
});

describe("matching of entries", () => {
  it("is OR of sets, AND of selectors, OR of values; different identities are none", async () => {
    await fc.assert(
      fc.asyncProperty(entries, facts, async (list: messages.Entry[], fact) => {
        const has = ({ key, values }: messages.Selector) =>
          values.includes(fact[key as keyof typeof fact]);
        const matching = list.filter((entry) =>
          entry.workloadSelectors.some(
            ({ selectors }) => selectors.length > 0 && selectors.every(has),
          ),
        );
        const ids = new Set(matching.map(({ spiffeId }) => spiffeId));
        const match = await matchEntries(list, (s) => Promise.resolve(has(s)));
        expect(match.verdict).to.equal(["none", "identity", "ambiguous"][ids.size]);
        if (match.verdict === "identity") {
          expect(matching.map(({ id }) => id)).to.include(match.entryId);
        }
      }),
    );
  });
});
