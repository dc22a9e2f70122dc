// SPDX-License-Identifier: Apache-2.0

import { SocketAddress } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { addressText } from "../src/ip-address.js";

describe("addressText", () => {
  const v6 = (hex: string) => addressText(Buffer.from(hex.replaceAll(":", ""), "hex"), 443);

  it("writes addresses as RFC 5952 does", () => {
    expect(addressText(Buffer.of(10, 0, 0, 7), 5432)).to.equal("10.0.0.7:5432");
    expect(v6("2001:0db8:0000:0000:0001:0000:0000:0001")).to.equal("[2001:db8::1:0:0:1]:443");
    expect(v6("0000:0000:0000:0000:0000:0000:0000:0001")).to.equal("[::1]:443");
    expect(v6("0000:0000:0000:0000:0000:0000:0000:0000")).to.equal("[::]:443");
    expect(v6("2001:0db8:0000:0001:0001:0001:0001:0001")).to.equal("[2001:db8:0:1:1:1:1:1]:443");
    expect(v6("fe80:0000:0000:0000:0000:0000:0000:0000")).to.equal("[fe80::]:443");
    expect(addressText(undefined, undefined)).to.equal("?");
  });

  it("agrees with Node on every IPv6 address that holds no IPv4 address", () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 7, maxLength: 7 }), (groups) => {
        const all = [0x2001, ...groups];
        const address = all.map((value) => value.toString(16)).join(":");
        const bytes = Buffer.from(all.flatMap((value) => [value >> 8, value & 0xff]));
        const canonical = new SocketAddress({ address, family: "ipv6" }).address;
        expect(addressText(bytes, undefined)).to.equal(`[${canonical}]`);
      }),
    );
  });
});
