// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import fc from "fast-check";
import { fromPem, toPem } from "../src/pem.js";

describe("PEM", () => {
  it("gives back what it was made of, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (certificates) => {
        const pem = certificates.map(toPem).join("words between\n");
        expect(fromPem(pem).map((der) => [...der])).to.deep.equal(
          certificates.map((der) => [...der]),
        );
      }),
    );
  });

  it("passes over keys", () => {
    expect(fromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).to.deep.equal(
      [],
    );
  });
});
