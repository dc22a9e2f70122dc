// SPDX-License-Identifier: Apache-2.0

import { Extension, KeyUsageFlags } from "@peculiar/x509";
import { expect } from "chai";
import { SignetError } from "../src/signet-error.js";
import { checkSvidChain } from "../src/svid-chain.js";
import { Authority } from "./authority.js";

const ID = "spiffe://example.org/shop/db";

describe("SVID chain", () => {
  let root: Authority;
  let issuer: Authority;
  let other: Authority;
  before(async () => {
    root = await Authority.create("root");
    issuer = await root.issuer("issuer");
    other = await Authority.create("root");
  });

  const refused = (chain: Buffer[], roots: Buffer[], code: string, now = new Date()) =>
    expect(() => checkSvidChain(chain, roots, now))
      .to.throw(SignetError)
      .with.property("code", code);

  it("ends at a root, over issuers that it holds", async () => {
    const { der } = await issuer.leaf(ID);
    const svid = checkSvidChain([der, issuer.der], [other.der, root.der], new Date());
    expect(svid.spiffeId).to.equal(ID);
  });

  it("is refused without its issuer, with another root of the same name, and without roots", async () => {
    const { der } = await issuer.leaf(ID);
    refused([der], [root.der], "SVID_CHAIN");
    refused([der, issuer.der], [other.der], "SVID_CHAIN");
    refused([der, issuer.der], [], "SVID_CHAIN");
    refused([], [root.der], "SVID_CHAIN");
    refused([der, issuer.der, issuer.der, issuer.der, issuer.der], [root.der], "SVID_CHAIN");
  });

  it("is refused when a leaf signs a leaf", async () => {
    const { der } = await issuer.leaf(ID);
    const { der: above } = await issuer.leaf(ID);
    refused([der, above, issuer.der], [root.der], "SVID_CHAIN");
  });

  it("is refused when it is longer than an issuer's path length allows", async () => {
    const last = await root.issuer("last", { pathLength: 0 });
    const direct = await last.leaf(ID);
    expect(checkSvidChain([direct.der, last.der], [root.der], new Date()).spiffeId).to.equal(ID);
    const below = await last.issuer("below");
    const { der } = await below.leaf(ID);
    refused([der, below.der, last.der], [root.der], "SVID_CHAIN");
  });

  it("is refused when an issuer may not sign certificates, or has a critical extension nobody knows", async () => {
    const strange = new Extension("1.2.3.4", true, Buffer.from("0500", "hex"));
    for (const options of [{ usage: KeyUsageFlags.cRLSign }, { extra: [strange] }]) {
      const wrong = await root.issuer("wrong", options);
      const { der } = await wrong.leaf(ID);
      refused([der, wrong.der], [root.der], "SVID_CHAIN");
    }
  });

  it("is refused outside the leaf's time", async () => {
    const { der } = await issuer.leaf(ID);
    refused([der, issuer.der], [root.der], "SVID_EXPIRED", new Date(Date.now() + 7_200_000));
    const early = new Date(Date.now() - 7_200_000);
    refused([der, issuer.der], [root.der], "SVID_NOT_YET_VALID", early);
  });

  it("is refused when an issuer has expired", async () => {
    const late = new Date(Date.now() + 72 * 3_600_000);
    const { der } = await issuer.leaf(ID, { notAfter: new Date(Date.now() + 96 * 3_600_000) });
    refused([der, issuer.der], [root.der], "SVID_EXPIRED", late);
  });
});
