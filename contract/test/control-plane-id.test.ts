// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import {
  adminNameOf,
  adminSpiffeId,
  isSignerId,
  nodeIdOf,
  nodeSpiffeId,
  signerSpiffeId,
} from "../src/control-plane-id.js";
import { SignetError } from "../src/signet-error.js";
import { isReserved, parseSpiffeId } from "../src/spiffe-id.js";

describe("control-plane SPIFFE IDs", () => {
  it("name nodes, administrators and the signer, all under /signet/", () => {
    const node = nodeSpiffeId("example.org", "web-1");
    const admin = adminSpiffeId("example.org", "ada");
    const signer = signerSpiffeId("example.org");
    expect(node).to.equal("spiffe://example.org/signet/node/web-1");
    expect(nodeIdOf(node)).to.equal("web-1");
    expect(adminNameOf(admin)).to.equal("ada");
    expect(isSignerId(signer)).to.equal(true);
    expect([node, admin, signer].every(isReserved)).to.equal(true);
  });

  it("are not confused with each other or with what lies below them", () => {
    expect(nodeIdOf(adminSpiffeId("example.org", "ada"))).to.equal(undefined);
    expect(nodeIdOf(parseSpiffeId("spiffe://example.org/signet/node/a/b"))).to.equal(undefined);
    expect(adminNameOf(parseSpiffeId("spiffe://example.org/signet/admin"))).to.equal(undefined);
    expect(isSignerId(parseSpiffeId("spiffe://example.org/signet/signer/x"))).to.equal(false);
  });

  it("are not made of names that are more than one segment", () => {
    for (const name of ["", "..", "a/b", "a b"]) {
      expect(() => nodeSpiffeId("example.org", name), name)
        .to.throw(SignetError)
        .with.property("code", "SPIFFE_ID_INVALID");
    }
  });
});
