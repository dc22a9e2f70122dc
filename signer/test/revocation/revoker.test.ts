// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { VaultServer } from "../../../test/vault/server.js";
import { makeRequest } from "../certificate-requests.js";
import { revokedSerials } from "../crl.js";
import {
  eventually,
  RunningSigner,
  TRUST_DOMAIN,
  workload,
  type JoinedNode,
} from "../running-signer.js";
import { TcpGate } from "../../../runtime/test/tcp-gate.js";
import { startGatedSigner, type GatedSigner } from "../gated-signer.js";

const WEB = `spiffe://${TRUST_DOMAIN}/app/web`;
const spiffeIdOf = (node: string) => `spiffe://${TRUST_DOMAIN}/signet/node/${node}`;

describe("the ban of a node", function () {
  this.timeout(30_000);
  let vault: VaultServer;
  let gate: TcpGate;
  let running: GatedSigner;
  let signer: RunningSigner;

  before(async () => {
    running = await startGatedSigner();
    ({ vault, gate, signer } = running);
    await signer.apply(workload("web", "web"), workload("moving", "web"));
  });

  after(() => running.stop());

  /** What becomes of a signature while something else happens. */
  async function outcomeDuring(node: JoinedNode, name: string, happens: () => Promise<unknown>) {
    const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/${name}`] });
    const entry = await signer.entry(name);
    const { held } = gate;
    gate.holdOne();
    const signing = node.outcome(entry, csr);
    await eventually(() => gate.held > held); // The intent is recorded, Vault has not been reached.
    await happens();
    gate.open();
    return signing;
  }

  it("discards and revokes what is being signed for it", async () => {
    const node = await signer.join("raced", ["web"]);
    const ban = () => signer.revoke({ spiffeId: spiffeIdOf("raced") });
    expect(await outcomeDuring(node, "web", ban)).to.equal("NODE_BANNED");
    const [newest] = await signer.certificates(WEB);
    expect(Number(newest?.revokedAt)).to.be.greaterThan(0);
    const serial = newest?.serial ?? "";
    await eventually(async () => (await revokedSerials(vault, "signet-workload")).includes(serial));
  });

  it("ends the workloads' certificates that it holds, on every node and for good", async () => {
    const other = await signer.join("other", ["web"]);
    const kept = await signer.svid(other, "web");
    const node = await signer.join("stolen", ["web"]);
    const { serial } = await signer.svid(node, "web");
    const reader = other.sync();
    await reader.next();
    const { serials } = await signer.revoke({ spiffeId: spiffeIdOf("stolen") });
    expect(serials).to.include(serial).and.not.to.include(kept.serial);
    const { change } = await reader.next();
    expect(change?.revocationsAdded.map((one) => one.serial)).to.deep.equal([serial]);
    await eventually(async () => (await revokedSerials(vault, "signet-workload")).includes(serial));
    await signer.unban(spiffeIdOf("stolen"));
    reader.close();
    const again = other.sync();
    const { snapshot } = await again.next();
    expect(snapshot?.revocations.map((one) => one.serial)).to.include(serial);
    again.close();
  });

  it("leaves what expired moments ago dead too, as clocks differ", async () => {
    await signer.apply(workload("short", "web", "10s"));
    const spiffeId = `spiffe://${TRUST_DOMAIN}/app/short`;
    const node = await signer.join("skewed", ["web"]);
    const { serial, notAfter } = await signer.svid(node, "short");
    await signer.revoke({ spiffeId });
    await eventually(() => Date.now() / 1000 > Number(notAfter) + 1, 15_000);
    await signer.unban(spiffeId);
    const reader = node.sync();
    const { snapshot } = await reader.next();
    expect(snapshot?.revocations.map((one) => one.serial)).to.include(serial);
    reader.close();
  });

  it("is like an entry's move to other nodes: what is being signed is discarded", async () => {
    const node = await signer.join("left", ["web"]);
    const move = () => signer.apply(workload("moving", "db"));
    expect(await outcomeDuring(node, "moving", move)).to.equal("CANCELLED");
    const [newest] = await signer.certificates(`spiffe://${TRUST_DOMAIN}/app/moving`);
    expect(Number(newest?.revokedAt)).to.be.greaterThan(0);
    const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/moving`] });
    const entry = await signer.entry("moving");
    expect(await node.outcome(entry, csr)).to.equal("ENTRY_NOT_ON_NODE");
  });
});
