// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import {
  ControlType,
  decodeAcknowledgement,
  decodeGeneric,
  decodeMessages,
  encodeGeneric,
  encodeMessage,
  Flag,
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

  it("carry what the kernel says of a refusal: words, and where in the attributes", () => {
    const words = [9, 0, 1, 0, 110, 111, 112, 101, 0, 0, 0, 0];
    const acknowledge = (at: number) => {
      const attributes = [...words, 8, 0, 2, 0, at, 0, 0, 0];
      const errno = [0xea, 0xff, 0xff, 0xff];
      const payload = Buffer.from([...errno, ...Array<number>(16).fill(0), ...attributes]);
      const flags = Flag.capped | Flag.ackAttributes;
      return decodeAcknowledgement({ type: ControlType.error, flags, sequence: 1, payload });
    };
    expect(acknowledge(32)).to.deep.equal({ errno: 22, text: "nope", offset: 12 });
    expect(acknowledge(19)).to.deep.equal({ errno: 22, text: "nope" });
  });
});
