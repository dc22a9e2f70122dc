// SPDX-License-Identifier: Apache-2.0

import { generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { SignetError } from "@signet/contract";
import {
  parseCertificateRequest,
  provesPossession,
} from "../../src/signing/certificate-request.js";
import { demand, namesAtMost, namesOnly } from "../../src/signing/request-checks.js";
import { writeCertificateRequest } from "../../src/signing/request-writer.js";
import { makeRequest, withBadSignature } from "../certificate-requests.js";

const ID = "spiffe://example.org/app";

function outcome(der: Buffer, names = namesOnly(ID)): string {
  try {
    demand(parseCertificateRequest(der), names);
    return "good";
  } catch (error) {
    if (error instanceof SignetError) return error.code;
    throw error;
  }
}

describe("a certificate request", () => {
  let csr: Buffer;

  before(async () => {
    ({ csr } = await makeRequest({ uris: [ID] }));
  });

  it("of a good maker is read and believed", () => {
    const request = parseCertificateRequest(csr);
    expect(request.uris).to.deep.equal([ID]);
    expect(request).to.include({ subjectEmpty: true, hasOthers: false });
    expect(provesPossession(request)).to.equal(true);
    expect(outcome(csr)).to.equal("good");
  });

  it("that the signer writes itself is one that it would take", () => {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const long = `spiffe://example.org/${"a".repeat(1500)}`;
    expect(outcome(writeCertificateRequest(keys, ID))).to.equal("good");
    expect(outcome(writeCertificateRequest(keys, long), namesOnly(long))).to.equal("good");
  });

  it("must name exactly the ID, byte by byte", async () => {
    expect(outcome(csr, namesOnly(`${ID}s`))).to.equal("CSR_URI_MISMATCH");
    expect(outcome((await makeRequest()).csr)).to.equal("CSR_URI_MISSING");
    expect(outcome((await makeRequest({ uris: [ID, ID] })).csr)).to.equal("CSR_URI_MULTIPLE");
    expect(outcome((await makeRequest({ uris: [`${ID},${ID}`] })).csr)).to.equal(
      "CSR_URI_MISMATCH",
    );
  });

  it("of a node may leave its name to the signer", async () => {
    expect(outcome((await makeRequest()).csr, namesAtMost(ID))).to.equal("good");
    expect(outcome(csr, namesAtMost(ID))).to.equal("good");
    expect(outcome(csr, namesAtMost(`${ID}s`))).to.equal("CSR_URI_MISMATCH");
  });

  it("must be signed by its own key", () => {
    expect(outcome(withBadSignature(csr))).to.equal("CSR_BAD_SIGNATURE");
  });

  it("is never believed when any byte of it was changed", () => {
    fc.assert(
      fc.property(fc.nat(csr.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = Buffer.from(csr);
        changed[at] = (changed[at] ?? 0) ^ bits;
        expect(outcome(changed)).not.to.equal("good");
      }),
      { numRuns: 1_000 },
    );
  });

  it("that is cut or lengthened is malformed", () => {
    fc.assert(
      fc.property(fc.nat(csr.length - 1), (length) => {
        expect(outcome(csr.subarray(0, length))).to.equal("CSR_MALFORMED");
      }),
    );
    expect(outcome(Buffer.concat([csr, csr]))).to.equal("CSR_MALFORMED");
    expect(outcome(Buffer.alloc(10_000, 0x30))).to.equal("CSR_MALFORMED");
  });

  it("of any bytes is refused with a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(outcome(Buffer.from(bytes))).to.match(/^CSR_/);
      }),
    );
  });
});
