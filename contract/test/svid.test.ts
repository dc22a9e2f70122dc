// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";
import { Extension, ExtendedKeyUsage, KeyUsageFlags } from "@peculiar/x509";
import { expect } from "chai";
import fc from "fast-check";
import type { ErrorCode } from "../src/error-codes.js";
import { SignetError } from "../src/signet-error.js";
import { checkSvid, checkSvidTime } from "../src/svid.js";
import { Authority, type LeafOptions } from "./authority.js";

const ID = "spiffe://example.org/shop/db";

function codeOf(act: () => unknown): ErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof SignetError) return error.code;
    throw error;
  }
}

describe("X.509-SVID", () => {
  let authority: Authority;
  before(async () => {
    authority = await Authority.create("test");
  });

  it("is read as OpenSSL reads it", async () => {
    const { der } = await authority.leaf(ID);
    const svid = checkSvid(der);
    const openssl = new X509Certificate(der);
    expect(svid.spiffeId).to.equal(ID);
    expect(svid.serial).to.equal(openssl.serialNumber.toLowerCase().replace(/^(00)+/, ""));
    expect(svid.notBefore.getTime()).to.equal(new Date(openssl.validFrom).getTime());
    expect(svid.notAfter.getTime()).to.equal(new Date(openssl.validTo).getTime());
    expect(svid.publicKey).to.deep.equal(openssl.publicKey.export({ type: "spki", format: "der" }));
  });

  const { serverAuth, clientAuth } = ExtendedKeyUsage;
  const wrong: [string, LeafOptions, ErrorCode][] = [
    ["no URI", { uris: [] }, "SVID_URI_COUNT"],
    ["two URIs", { uris: [ID, `${ID}2`] }, "SVID_URI_COUNT"],
    ["a DNS name beside the URI", { dns: ["example.org"] }, "SVID_URI_COUNT"],
    ["a DNS name alone", { uris: [], dns: ["example.org"] }, "SVID_URI_COUNT"],
    ["a URI without a path", { uris: ["spiffe://example.org"] }, "SVID_URI_COUNT"],
    ["a URI that is no SPIFFE ID", { uris: ["https://example.org/x"] }, "SPIFFE_ID_INVALID"],
    ["a URI with two in one", { uris: [`${ID},${ID}`] }, "SPIFFE_ID_INVALID"],
    ["cA=true", { ca: true }, "SVID_IS_CA"],
    ["no keyUsage", { usage: undefined }, "SVID_KEY_USAGE"],
    ["keyUsage that is not critical", { usageCritical: false }, "SVID_KEY_USAGE"],
    [
      "keyCertSign",
      { usage: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign },
      "SVID_KEY_USAGE",
    ],
    [
      "keyAgreement",
      { usage: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement },
      "SVID_KEY_USAGE",
    ],
    ["no extended key usage", { extUsage: undefined }, "SVID_EXT_KEY_USAGE"],
    ["serverAuth alone", { extUsage: [serverAuth] }, "SVID_EXT_KEY_USAGE"],
    [
      "codeSigning too",
      { extUsage: [serverAuth, clientAuth, ExtendedKeyUsage.codeSigning] },
      "SVID_EXT_KEY_USAGE",
    ],
    ["P-384", { curve: "P-384" }, "SVID_KEY_TYPE"],
    [
      "a critical extension nobody knows",
      { extra: [new Extension("1.2.3.4", true, Buffer.from("0500", "hex"))] },
      "SVID_MALFORMED",
    ],
  ];
  for (const [what, options, code] of wrong) {
    it(`is refused with ${code} for ${what}`, async () => {
      const { der } = await authority.leaf(ID, options);
      expect(codeOf(() => checkSvid(der))).to.equal(code);
    });
  }

  it("may have extensions that are not critical", async () => {
    const extra = [new Extension("1.2.3.4", false, Buffer.from("0500", "hex"))];
    const { der } = await authority.leaf(ID, { extra });
    expect(checkSvid(der).spiffeId).to.equal(ID);
  });

  it("is refused outside its time", async () => {
    const svid = checkSvid((await authority.leaf(ID)).der);
    const at = (ms: number) => () => checkSvidTime(svid, new Date(ms));
    expect(codeOf(at(svid.notBefore.getTime()))).to.equal(undefined);
    expect(codeOf(at(svid.notAfter.getTime()))).to.equal(undefined);
    expect(codeOf(at(svid.notBefore.getTime() - 1))).to.equal("SVID_NOT_YET_VALID");
    expect(codeOf(at(svid.notAfter.getTime() + 1))).to.equal("SVID_EXPIRED");
  });

  it("is refused with bytes after it, or cut off anywhere", async () => {
    const { der } = await authority.leaf(ID);
    expect(codeOf(() => checkSvid(Buffer.concat([der, Buffer.of(0)])))).to.equal("SVID_MALFORMED");
    for (let length = 0; length < der.length; length++) {
      expect(codeOf(() => checkSvid(der.subarray(0, length)))).to.equal("SVID_MALFORMED");
    }
  });

  it("is never read as another identity than OpenSSL reads, whatever byte changes", async () => {
    const { der } = await authority.leaf(ID);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(der);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const openssl = readByOpenssl(bytes);
        if (codeOf(() => checkSvid(bytes)) !== undefined || openssl === undefined) return;
        const { spiffeId, serial } = checkSvid(bytes);
        expect(openssl.subjectAltName).to.equal(`URI:${spiffeId}`);
        expect(openssl.serialNumber.toLowerCase().replace(/^(00)+/, "")).to.equal(serial);
      }),
      { numRuns: 1000 },
    );
  });
});

function readByOpenssl(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
