// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { renewalTime } from "../../src/issuance/renewal-time.js";

describe("the time of renewal", () => {
  it("is after a third and before half of the certificate's life", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.integer({ min: 10_000, max: 10 ** 9 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (issuedAt, life, random) => {
          const at = renewalTime({ issuedAt, notAfter: issuedAt + life }, random);
          expect(at).to.be.greaterThan(issuedAt + life / 3);
          expect(at).to.be.lessThan(issuedAt + life / 2);
        },
      ),
    );
  });
});
