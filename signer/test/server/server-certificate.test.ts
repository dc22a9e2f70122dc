// SPDX-License-Identifier: Apache-2.0

import { connect } from "node:tls";
import { once } from "node:events";
import { expect } from "chai";
import { VaultServer } from "../../../test/vault/server.js";
import { eventually, RunningSigner, TRUST_DOMAIN } from "../running-signer.js";

describe("the signer's own certificate", function () {
  this.timeout(60_000);
  let vault: VaultServer;
  let signer: RunningSigner;

  before(async () => {
    vault = await VaultServer.start();
    await vault.configure(TRUST_DOMAIN);
    const config = (values: { certificates: { serverTtl: number } }) => {
      values.certificates.serverTtl = 8;
    };
    signer = new RunningSigner(vault, { config });
    await signer.start();
  });

  after(async () => {
    await signer.remove();
    await vault.stop();
  });

  async function shown(port: number): Promise<{ serial: string; protocol: string | null }> {
    const options = { host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] };
    const socket = connect(options);
    await once(socket, "secureConnect");
    const result = {
      serial: socket.getPeerX509Certificate()?.serialNumber ?? "",
      protocol: socket.getProtocol(),
    };
    socket.destroy();
    return result;
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
});
