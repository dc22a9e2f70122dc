// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { createNodeKey } from "../../src/signer/certificate-request.js";

describe("a node's certificate request", () => {
  it("is one that OpenSSL verifies: P-256, no names, no attributes", () => {
    for (let i = 0; i < 20; i++) {
      const { request } = createNodeKey();
      const text = execFileSync(
        "openssl",
        ["req", "-inform", "DER", "-verify", "-noout", "-text", "-nameopt", "RFC2253"],
        { input: request, stdio: ["pipe", "pipe", "pipe"] },
      ).toString();
      expect(text).to.match(/Subject:\s*\n/);
      expect(text).to.include("NIST CURVE: P-256");
      expect(text).to.include("ecdsa-with-SHA256");
      expect(text).to.not.include("X509v3");
    }
  });

  it("is for a new key each time", () => {
    expect(createNodeKey().request.equals(createNodeKey().request)).to.equal(false);
  });
});
