// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey } from "node:crypto";
import { expect } from "chai";
import { Authority } from "../../../contract/test/authority.js";
import { credentialsFrom, validityOf } from "../../src/signer/node-credentials.js";
import { TestSigner } from "./test-signer.js";

const SECOND = 1000;

describe("a node's credentials", () => {
  let signer: TestSigner;
  before(async () => {
    signer = await TestSigner.start({});
  });
  after(() => {
    signer.stop();
  });

  /** Takes a certificate that becomes valid in so many seconds by the node's clock. */
  async function take(seconds: number): Promise<unknown> {
    const now = Math.floor(Date.now() / SECOND) * SECOND;
    const notBefore = new Date(now + seconds * SECOND);
    const issued = await signer.issue("web-1", { notBefore }, new Date(now));
    return validityOf({ ...issued, tokenHash: "" }).notBefore - now;
  }

  it("are taken when the node's clock is up to a minute behind", async () => {
    expect(await take(60)).to.equal(60 * SECOND);
  });

  it("are refused when it is further behind", async () => {
    const error: unknown = await take(61).catch((e: unknown) => e);
    expect(error).to.include({ code: "SVID_NOT_YET_VALID" });
  });

  it("are refused when the certificate is another node's, or for another key", async () => {
    const root = await Authority.create("control root");
    const { der, key } = await root.leaf("spiffe://demo.test/signet/node/web-1");
    const other = await root.leaf("spiffe://demo.test/signet/node/web-1");
    const take = (nodeId: string, pem: string) => () =>
      credentialsFrom(
        { chain: [der], trustDomain: "demo.test", nodeId, controlPlane: null },
        createPrivateKey(pem),
        [root.der],
        new Date(),
      );
    expect(take("web-1", key)).not.to.throw();
    expect(take("web-2", key)).to.throw().with.property("code", "SVID_WRONG_ID");
    expect(take("web-1", other.key)).to.throw().with.property("code", "SVID_KEY_MISMATCH");
  });
});
