// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import fc from "fast-check";
import { DerError, DerReader, oidText, TAG } from "../src/der.js";

const reader = (hex: string) => new DerReader(Buffer.from(hex, "hex"));

describe("DER", () => {
  it("reads elements in turn", () => {
    const sequence = reader("30060201050101ff").enter(TAG.sequence);
    expect(sequence.read(TAG.integer).content.toString("hex")).to.equal("05");
    expect(sequence.optional(TAG.oid)).to.equal(undefined);
    expect(sequence.optional(TAG.boolean)?.raw.toString("hex")).to.equal("0101ff");
    sequence.end();
  });

  const wrong = {
    "no bytes at all": "",
    "no length": "02",
    "an indefinite length": "30800000",
    "a long form where the short does": "02810105",
    "a length with a leading zero": "0282000105",
    "a length of four bytes": "028400000001",
    "content cut off": "020205",
    "a tag of several bytes": "1f810100",
  };
  for (const [what, hex] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      expect(() => reader(hex).read()).to.throw(DerError);
    });
  }

  it("refuses another tag than the one demanded, and bytes after the end", () => {
    expect(() => reader("020105").read(TAG.oid)).to.throw(DerError, /tag/);
    expect(() => reader("020105").end()).to.throw(DerError, /trailing/);
  });

  it("gives lengths of all forms back", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const hex = length
        .toString(16)
        .padStart(length.toString(16).length + (length.toString(16).length % 2), "0");
      const prefix = length < 128 ? hex : (0x80 + hex.length / 2).toString(16) + hex;
      const bytes = Buffer.concat([Buffer.from(`04${prefix}`, "hex"), Buffer.alloc(length)]);
      expect(new DerReader(bytes).read(TAG.octetString).content.length).to.equal(length);
    }
  });

  it("writes object identifiers as people do", () => {
    expect(oidText(Buffer.from("551d11", "hex"))).to.equal("2.5.29.17");
    expect(oidText(Buffer.from("2b06010505070301", "hex"))).to.equal("1.3.6.1.5.5.7.3.1");
    expect(oidText(Buffer.from("2a8648ce3d030107", "hex"))).to.equal("1.2.840.10045.3.1.7");
    expect(oidText(Buffer.from("883703", "hex"))).to.equal("2.999.3");
    for (const hex of ["", "80", "5580", "558001", "ffffffffffffffffffff7f"]) {
      expect(() => oidText(Buffer.from(hex, "hex")), hex).to.throw(DerError);
    }
  });

  it("fails with DerError only, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const elements = new DerReader(bytes);
        try {
          while (!elements.done) elements.read();
        } catch (error) {
          expect(error).to.be.instanceOf(DerError);
        }
      }),
    );
  });
});
