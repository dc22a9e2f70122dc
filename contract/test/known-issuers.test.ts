// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";
import { expect } from "chai";
import { KnownIssuers } from "../src/known-issuers.js";
import { Authority } from "./authority.js";

describe("known issuers", () => {
  it("are parsed once, and start anew when they are too many", async () => {
    const known = new KnownIssuers();
    const root = await Authority.create("root");
    const first = known.parse(root.der);
    expect(known.parse(Buffer.from(root.der))).to.equal(first);
    for (let i = 0; i < 64; i++) known.parse((await root.leaf(`spiffe://a/${i}`)).der);
    expect(known.parse(root.der)).not.to.equal(first);
  });

  it("remember who signed whom, and never that someone did who did not", async () => {
    const known = new KnownIssuers();
    const root = known.parse((await Authority.create("root")).der);
    const other = await Authority.create("root");
    const leaf = new X509Certificate((await other.leaf("spiffe://a/b")).der);
    for (let i = 0; i < 2; i++) {
      expect(known.signed(root, leaf)).to.equal(false);
      expect(known.signed(known.parse(other.der), leaf)).to.equal(true);
    }
  });

  it("do not take bytes that are no certificate", () => {
    expect(() => new KnownIssuers().parse(Buffer.from("no"))).to.throw();
  });
});
