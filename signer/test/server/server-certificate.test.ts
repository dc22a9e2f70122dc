// SPDX-License-Identifier: Apache-2.0

import { connect } from "node:tls";
import { once } from "node:events";
import { expect } from "chai";
import { clockOf } from "@signet/runtime/clock.js";
import { VaultServer } from "../../../test/vault/server.js";
import { eventually, RunningSigner, TRUST_DOMAIN } from "../running-signer.js";

const BEHIND_MS = 25_000;

/** The signer's certificate lives for so many seconds. */
function living(seconds: number) {
  return (config: { certificates: { serverTtl: number } }) => {
    config.certificates.serverTtl = seconds;
  };
}

describe("the signer's own certificate", function () {
  this.timeout(60_000);
  let vault: VaultServer;
  let signer: RunningSigner;

  before(async () => {
    vault = await VaultServer.start();
    await vault.configure(TRUST_DOMAIN);
    signer = new RunningSigner(vault, { config: living(8) });
    await signer.start();
  });

  after(async () => {
    await signer.remove();
    await vault.stop();
  });

  /** What the server shows. */
  async function shown(port: number) {
    const options = { host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] };
    const socket = connect(options);
    await once(socket, "secureConnect");
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error("the server shows no certificate");
    const { serialNumber: serial, validTo } = certificate;
    const protocol = socket.getProtocol();
    socket.destroy();
    return { serial, endsAt: Date.parse(validTo), protocol };
  }

  it("is replaced before half of its life is over, while streams stay open", async () => {
    const node = await signer.join("steady");
    const reader = node.sync();
    await reader.next();
    const { attestation, nodes } = signer.signer.ports;
    const first = await shown(attestation);
    expect(first.protocol).to.equal("TLSv1.3");
    await eventually(async () => (await shown(attestation)).serial !== first.serial, 6_000);
    expect((await shown(nodes)).serial).not.to.equal(first.serial);
    expect(reader.error).to.equal(undefined);
    reader.close();
  });

  it("is replaced in time though the machine slept, or its clock was set", async () => {
    let behind = BEHIND_MS;
    const clock = clockOf(() => Date.now() - behind);
    const sleeper = new RunningSigner(vault, { config: living(20), clock });
    await sleeper.start();
    try {
      const { attestation } = sleeper.signer.ports;
      const { serial, endsAt } = await shown(attestation);
      behind = 0;
      const replaced = async () => (await shown(attestation)).serial !== serial;
      await eventually(replaced, endsAt - Date.now());
    } finally {
      await sleeper.remove();
    }
  });
});
