// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import {
  decodeAcknowledgement,
  decodeGeneric,
  decodeMessages,
  encodeGeneric,
  encodeMessage,
} from "../../src/netlink/message.js";

const message = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  flags: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)),
});

describe("netlink messages", () => {
  it("come back from one datagram as they were written", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        expect(decodeMessages(Buffer.concat(messages.map(encodeMessage)))).to.deep.equal(messages);
      }),
    );
  });

  it("are either read or refused as malformed, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (array) => {
        try {
          for (const read of decodeMessages(Buffer.from(array))) {
            decodeGeneric(read.payload);
            decodeAcknowledgement(read);
          }
        } catch (error) {
          expect((error as { code: string }).code).to.equal("NETLINK_MALFORMED");
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("carry a generic header", () => {
    const attributes = Buffer.from("attributes");
    expect(decodeGeneric(encodeGeneric({ command: 3, version: 1, attributes }))).to.deep.equal({
      command: 3,
      version: 1,
      attributes,
    });
  });
});
