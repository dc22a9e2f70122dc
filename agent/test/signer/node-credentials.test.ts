// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { validityOf } from "../../src/signer/node-credentials.js";
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
    expect(error).to.include({ code: "SVID_EXPIRED" });
  });
});
