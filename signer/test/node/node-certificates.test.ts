// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { makeRequest } from "../certificate-requests.js";
import { startGatedSigner, type GatedSigner } from "../gated-signer.js";
import { refusal } from "../refusal.js";
import { eventually, RunningSigner, TRUST_DOMAIN } from "../running-signer.js";
import { TcpGate } from "../../../runtime/test/tcp-gate.js";

describe("node certificates", function () {
  this.timeout(30_000);
  let gate: TcpGate;
  let running: GatedSigner;
  let signer: RunningSigner;

  before(async () => {
    running = await startGatedSigner();
    ({ gate, signer } = running);
  });

  after(() => running.stop());

  it("are renewed for a node at most twice at a time", async () => {
    const node = await signer.join("busy");
    const { held } = gate;
    gate.hold();
    const requests = await Promise.all([1, 2, 3].map(() => makeRequest()));
    const renewing = requests.map(({ csr }) => refusal(node.renew(csr)));
    await eventually(() => gate.held >= held + 2);
    gate.open();
    const codes = await Promise.all(renewing);
    expect(codes.sort()).to.deep.equal(["LIMIT_REACHED", "not refused", "not refused"]);
  });

  it("are not renewed for a certificate that was replaced while Vault signed", async () => {
    const thief = await signer.join("stolen");
    gate.holdOne();
    const { held } = gate;
    const renewing = refusal(thief.renew((await makeRequest()).csr));
    await eventually(() => gate.held > held);
    const owner = await signer.join("stolen");
    gate.open();
    expect(await renewing).to.equal("NODE_SERIAL_STALE");
    await owner.renew((await makeRequest()).csr);
    const spiffeId = `spiffe://${TRUST_DOMAIN}/signet/node/stolen`;
    const certificates = await signer.certificates(spiffeId);
    const revoked = certificates.filter(({ revokedAt }) => revokedAt !== "0");
    expect(certificates).to.have.length(4);
    expect(revoked).to.have.length(1);
  });
});
