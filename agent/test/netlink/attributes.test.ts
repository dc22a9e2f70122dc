// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { attributesSize } from "../../src/netlink/attribute-size.js";
import {
  decodeAttributes,
  encodeAttributes,
  readAttributes,
} from "../../src/netlink/attributes.js";
import {
  connectionTable,
  policyTable,
  ReasonNames,
  UnidentifiedNames,
} from "../../src/netlink/family.generated.js";

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const text = fc.string({ unit: "grapheme", maxLength: 200 }).filter((s) => !s.includes("\0"));
const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: 1, maxLength: 4 });
const some = (
  model: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Record<string, unknown>> => fc.record(model, { requiredKeys: [] });

const range = some({ address: bytes, prefixLength: fc.integer({ min: 0, max: 255 }), port: u16 });
const policy = some({
  databaseEpoch: text,
  revision: u64,
  root: list(bytes),
  meshCidr: list(range),
  unidentified: fc.constantFrom(...UnidentifiedNames),
  exemptPort: list(u16),
  rule: list(
    some({ subject: text, from: list(text), port: list(u16), more: fc.constant(true as const) }),
  ),
  destination: list(some({ name: text, range: list(range), identity: list(text) })),
});
const connection = some({
  id: u64,
  reason: fc.constantFrom(...ReasonNames),
  peerPort: u16,
  pid: u32,
  detail: text,
});

function thrownCode(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "nothing was thrown";
}

describe("netlink attributes", () => {
  it("come back as they were written, nested ones and lists too", () => {
    fc.assert(
      fc.property(policy, (value) => {
        const written = encodeAttributes(policyTable, value);
        expect(written.length % 4).to.equal(0);
        expect(attributesSize(policyTable, value)).to.equal(written.length);
        expect(decodeAttributes(policyTable, written)).to.deep.equal(value);
      }),
    );
    fc.assert(
      fc.property(connection, (value) => {
        expect(
          decodeAttributes(connectionTable, encodeAttributes(connectionTable, value)),
        ).to.deep.equal(value);
      }),
    );
  });

  it("are either read or refused as malformed, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (array) => {
        try {
          decodeAttributes(policyTable, Buffer.from(array));
        } catch (error) {
          expect((error as { code: string }).code).to.equal("NETLINK_MALFORMED");
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("that the table does not know are passed over", () => {
    const unknown = Buffer.from([6, 0, 0xff, 0x0f, 1, 2, 0, 0]);
    expect(decodeAttributes(policyTable, unknown)).to.deep.equal({});
    expect([...readAttributes(unknown)]).to.have.length(1);
  });

  it("are refused when a value does not fit", () => {
    expect(thrownCode(() => encodeAttributes(policyTable, { exemptPort: [65536] }))).to.equal(
      "NETLINK_MALFORMED",
    );
    expect(thrownCode(() => encodeAttributes(policyTable, { revision: -1n }))).to.equal(
      "NETLINK_MALFORMED",
    );
    expect(thrownCode(() => encodeAttributes(policyTable, { trustDomain: "a\0b" }))).to.equal(
      "NETLINK_MALFORMED",
    );
    expect(
      thrownCode(() => encodeAttributes(policyTable, { root: [Buffer.alloc(0x10000)] })),
    ).to.equal("NETLINK_MALFORMED");
  });

  it("of a flag are there or not", () => {
    expect(encodeAttributes({ flag: { id: 3, type: "flag" } }, { flag: false })).to.have.length(0);
    expect(encodeAttributes({ flag: { id: 3, type: "flag" } }, { flag: true })).to.have.length(4);
  });
});
