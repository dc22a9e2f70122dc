// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import fc from "fast-check";
import { addressBytes, parseAddress, parseCidr } from "../../src/documents/address.js";

describe("addresses", () => {
  it("are read to the bytes that they stand for", () => {
    expect(addressBytes("10.1.2.255")?.toString("hex")).to.equal("0a0102ff");
    expect(addressBytes("::")?.toString("hex")).to.equal("0".repeat(32));
    expect(addressBytes("fd00:0:0:1::7")?.toString("hex")).to.equal(
      "fd000000000000010000000000000007",
    );
    expect(addressBytes("::ffff:10.0.0.1")?.toString("hex")).to.equal(
      "00000000000000000000ffff0a000001",
    );
    expect(addressBytes("fe80::1%eth0")).to.equal(undefined);
    expect(addressBytes("10.0.0.256")).to.equal(undefined);
  });

  it("of either family survive being written and read", () => {
    fc.assert(fc.property(fc.ipV4(), (text) => addressBytes(text)?.join(".") === text));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const hex = Buffer.from(bytes).toString("hex");
        const text = hex.match(/.{4}/g)?.join(":") ?? "";
        expect(addressBytes(text)?.toString("hex")).to.equal(hex);
      }),
    );
  });

  it("may have a prefix and a port, in brackets when they are IPv6", () => {
    const ports = ["10.0.0.1", "10.0.0.0/8:53", "[::1]:80", "[fd00::/8]:443", "fd00::/8"];
    const read = ports
      .map(parseAddress)
      .map((a) => (typeof a === "string" ? a : [a.prefixLength, a.port]));
    expect(read).to.deep.equal([
      [32, 0],
      [8, 53],
      [128, 80],
      [8, 443],
      [8, 0],
    ]);
  });

  for (const text of [
    "",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "10.0.0.0/33",
    "10.0.0.1/8",
    "[::1]",
    "[10.0.0.1]:1",
    "::1:80/129",
    "a.b.c.d:1",
  ]) {
    it(`${JSON.stringify(text)} is none`, () => {
      expect(parseAddress(text)).to.be.a("string");
    });
  }

  it("that are networks need a prefix and have no port", () => {
    expect(parseCidr("0.0.0.0/0")).to.deep.equal({ address: "00000000", prefixLength: 0, port: 0 });
    expect(parseCidr("10.0.0.1")).to.be.a("string");
    expect(parseCidr("10.0.0.0/8:80")).to.be.a("string");
  });
});
