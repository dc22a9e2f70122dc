// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { expect } from "chai";
import { fromGrpcError } from "@signet/contract";
import { VaultServer } from "../../../test/vault/server.js";
import { makeRequest } from "../certificate-requests.js";
import { revokedSerials } from "../crl.js";
import { startGatedSigner, type GatedSigner } from "../gated-signer.js";
import { refusal } from "../refusal.js";
import { eventually, RunningSigner, TRUST_DOMAIN } from "../running-signer.js";
import { TcpGate } from "../../../runtime/test/tcp-gate.js";

describe("joining", function () {
  this.timeout(30_000);
  let vault: VaultServer;
  let gate: TcpGate;
  let running: GatedSigner;
  let signer: RunningSigner;

  before(async () => {
    running = await startGatedSigner();
    ({ vault, gate, signer } = running);
  });

  after(() => running.stop());

  it("is not held up by who says nothing", async () => {
    const silent = await Promise.all(Array.from({ length: 16 }, () => signer.attesting()));
    const ended = silent.map((call) =>
      once(call, "data").catch((error: unknown) => fromGrpcError(error).code),
    );
    await new Promise((resolve) => setTimeout(resolve, 200)); // The calls are on their way.
    const token = await signer.token("patient");
    const { csr } = await makeRequest();
    expect(await refusal(signer.attest(token, csr))).to.equal("LIMIT_REACHED");
    const start = performance.now();
    expect(new Set(await Promise.all(ended))).to.deep.equal(new Set(["DEADLINE_EXCEEDED"]));
    expect(performance.now() - start).to.be.lessThan(6_000);
    expect((await signer.attest(token, csr)).nodeId).to.equal("patient");
  });

  it("leaves the token usable when the node gave up while Vault signed", async () => {
    const token = await signer.token("hasty");
    const { csr } = await makeRequest();
    const { held } = gate;
    gate.hold();
    const call = await signer.attesting();
    call.write({ joinToken: { token, csr } });
    await eventually(() => gate.held > held);
    call.cancel();
    await new Promise((resolve) => setTimeout(resolve, 100));
    gate.open();
    const node = `spiffe://${TRUST_DOMAIN}/signet/node/hasty`;
    await eventually(async () => (await signer.certificates(node)).length === 1);
    const [discarded] = await signer.certificates(node);
    expect(Number(discarded?.revokedAt)).to.be.greaterThan(0);
    const serial = discarded?.serial ?? "";
    await eventually(async () => (await revokedSerials(vault, "signet-control")).includes(serial));
    expect((await signer.attest(token, csr)).nodeId).to.equal("hasty");
  });
});
