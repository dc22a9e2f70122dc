// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { decodeAttributes, encodeAttributes } from "../../src/netlink/attributes.js";
import {
  destinationTable,
  ruleTable,
  type DestinationAttributes,
  type RuleAttributes,
} from "../../src/netlink/family.generated.js";
import { joinParts, splitItem } from "../../src/netlink/item-parts.js";
import { mergePolicy } from "../../src/netlink/policy-items.js";

const id = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 9999 }))
  .map(([length, i]) => `spiffe://demo.test/${"x".repeat(length)}/${String(i)}`);
const port = fc.integer({ min: 1, max: 65535 });
const rule: fc.Arbitrary<RuleAttributes> = fc.record({
  subject: id,
  from: fc.array(id, { maxLength: 200 }),
  port: fc.array(port, { maxLength: 200 }),
  policy: fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
});
const destination: fc.Arbitrary<DestinationAttributes> = fc.record({
  name: fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
  range: fc.array(
    fc.record({
      address: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
      prefixLength: fc.integer({ min: 0, max: 32 }),
      port,
    }),
    { maxLength: 200 },
  ),
  identity: fc.array(id, { maxLength: 200 }),
});
const room = fc.integer({ min: 1, max: 8192 });
/** Of an attribute that is one SPIFFE ID here, and of the mark that there is more. */
const [ELEMENT, HEAD, MARK] = [352, 352 + 36, 4];

describe("an item in parts", () => {
  it("is the same when they are joined, in whatever company", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), room, (rules, size) => {
        const parts = rules.flatMap((one) => splitItem(ruleTable, one, size));
        expect(joinParts(parts)).to.deep.equal(rules);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.array(destination, { maxLength: 4 }), room, (destinations, size) => {
        const parts = destinations.flatMap((one) => splitItem(destinationTable, one, size));
        expect(joinParts(parts)).to.deep.equal(destinations);
      }),
      { numRuns: 50 },
    );
  });

  it("has no part that is larger than it may be, unless one element is", () => {
    fc.assert(
      fc.property(rule, room, (one, size) => {
        for (const [i, part] of splitItem(ruleTable, one, size).entries()) {
          const bytes = encodeAttributes(ruleTable, part).length;
          expect(bytes).to.be.at.most(Math.max(size, i === 0 ? HEAD + ELEMENT : ELEMENT) + MARK);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("is one part when it fits, and is not changed", () => {
    const small = { subject: "spiffe://demo.test/a", from: ["spiffe://demo.test/b"], port: [80] };
    expect(splitItem(ruleTable, small, 1024)).to.deep.equal([small]);
    const frozen = Object.freeze({ ...small, from: Object.freeze(["a", "b", "c"]) });
    expect(splitItem(ruleTable, frozen, 1).length).to.be.greaterThan(2);
  });

  it("comes whole out of the messages of a dump", () => {
    const from = Array.from({ length: 500 }, (_, i) => `spiffe://demo.test/${String(i)}`);
    const rules = [
      { subject: "spiffe://demo.test/a", policy: "a", from, port: [1, 2] },
      { subject: "spiffe://demo.test/b", policy: "b", from: ["spiffe://demo.test/c"] },
    ];
    const messages = rules
      .flatMap((one) => splitItem<RuleAttributes>(ruleTable, one, 700))
      .map((part) => ({ rule: [decodeAttributes(ruleTable, encodeAttributes(ruleTable, part))] }));
    expect(messages.length).to.be.greaterThan(20);
    expect(mergePolicy([{ revision: 7n }, ...messages])).to.deep.equal({
      revision: 7n,
      rule: rules,
    });
  });
});
