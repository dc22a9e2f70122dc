// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { checkSvid, SignetError } from "@signet/contract";
import { Authority, type LeafOptions } from "../../../contract/test/authority.js";
import {
  checkReturned,
  withoutLeadingZeros,
  type Asked,
} from "../../src/signing/returned-certificate.js";
import type { Signed } from "../../src/vault/vault.js";

const ID = "spiffe://returned.test/app";
const TTL = 3_600;
const BACKDATE = 30;

describe("a serial as Vault writes it", () => {
  it("loses its leading zero octets and no other zeros", () => {
    expect(withoutLeadingZeros("0a00")).to.equal("0a00");
    expect(withoutLeadingZeros("00ff00")).to.equal("ff00");
    expect(withoutLeadingZeros("0000")).to.equal("00");
  });
});

describe("a certificate that Vault returned", () => {
  const now = Math.floor(Date.now() / 1000);
  const from = (seconds: number) => new Date((now + seconds) * 1000);
  let authority: Authority;
  let other: Authority;

  before(async () => {
    authority = await Authority.create("root");
    other = await Authority.create("other");
  });

  /** What Vault answers with such a leaf, and what was asked. */
  async function answer(options: LeafOptions = {}, id = ID, by = authority) {
    const validity = { notBefore: from(-BACKDATE), notAfter: from(TTL) };
    const { der, pem } = await by.leaf(id, { ...validity, ...options });
    const { publicKey, serial, notAfter } = checkSvid(der);
    const expiration = notAfter.getTime() / 1000;
    const signed: Signed = { certificate: pem, chain: [authority.pem], serial, expiration };
    const asked: Asked = { spiffeId: ID, publicKey, ttl: TTL };
    return { signed, asked };
  }

  function fault(signed: Signed, asked: Asked): string {
    try {
      checkReturned(signed, asked, [authority.der], new Date(now * 1000));
      return "none";
    } catch (error) {
      return error instanceof SignetError ? `${error.code} ${error.message}` : String(error);
    }
  }

  it("is taken when it is the one asked for, without the root", async () => {
    const { signed, asked } = await answer();
    const { chain, issuedAt } = checkReturned(signed, asked, [authority.der], new Date(now * 1000));
    expect(chain).to.have.length(1);
    expect(issuedAt).to.equal(now);
  });

  function shifted(seconds: number): LeafOptions {
    return { notBefore: from(seconds - BACKDATE), notAfter: from(seconds + TTL) };
  }

  const wrong: [string, () => ReturnType<typeof answer>, RegExp][] = [
    ["is for another ID", () => answer({}, `${ID}2`), /it is for spiffe/],
    ["is by another root", () => answer({}, ID, other), /chain/],
    ["ends too early", () => answer({ notAfter: from(TTL - 90) }), /cut/],
    ["ends too late", () => answer({ notAfter: from(TTL + 300) }), /longer/],
    ["is of another time", () => answer(shifted(90)), /clock.* apart/],
    ["is of a time before", () => answer(shifted(-90)), /clock.* 90 s apart/],
    ["begins too early", () => answer({ notBefore: from(-301) }), /longer/],
  ];
  for (const [what, made, why] of wrong) {
    it(`is VAULT_BAD_CERTIFICATE when it ${what}`, async () => {
      const { signed, asked } = await made();
      expect(fault(signed, asked))
        .to.match(/^VAULT_BAD_CERTIFICATE /)
        .and.match(why);
    });
  }

  it("is VAULT_BAD_CERTIFICATE when its answer says other things than it does", async () => {
    const { signed, asked } = await answer();
    const key = (await answer()).asked.publicKey;
    const more = `${signed.certificate}${signed.certificate}`;
    expect(fault(signed, { ...asked, publicKey: key })).to.match(/^VAULT_BAD_.*another key/);
    expect(fault({ ...signed, serial: "ab" }, asked)).to.match(/^VAULT_BAD_.*serial/);
    expect(fault({ ...signed, expiration: 1 }, asked)).to.match(/^VAULT_BAD_.*expiration/);
    expect(fault({ ...signed, certificate: more }, asked)).to.match(/^VAULT_BAD_.*2 certificates/);
  });
});
