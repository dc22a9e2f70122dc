// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import type { NodeStatus } from "../mesh/mesh.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7005;
const ID = "spiffe://demo.test/demo/client";
/** Vault's role lets a certificate begin 30 s before it was signed; this is slower. */
const BEHIND_S = 120;

describe("a certificate refused by a slow clock", function () {
  this.timeout(300_000);
  const mesh = useMesh();
  let client: string;

  before(async () => {
    client = await buildProgram("blocking_client");
    const server = await buildProgram("epoll_server");
    const web = mesh().host("web");
    await mesh().enforce(
      serverAndClient({
        server: { path: server, uid: UID },
        client: { path: client, uid: UID },
        address: web.address,
        port: PORT,
      }),
    );
    await web.start([server, String(PORT)], { uid: UID });
  });

  async function turnClock(seconds: number): Promise<void> {
    const set = `date -s "@$(($(date +%s) + ${String(seconds)}))"`;
    const { status, stderr } = await mesh().host("client").run(["sh", "-c", set]);
    expect(status, stderr).to.equal(0);
  }

  async function connect() {
    const call = [client, mesh().host("web").address, String(PORT), "friend"];
    return mesh().host("client").run(call, { uid: UID });
  }

  async function identity() {
    const { identities } = await mesh().node("client").signetJson<NodeStatus>("status");
    return identities.find(({ spiffeId }) => spiffeId === ID);
  }

  it("is shown with the reason, which the agent logs once", async () => {
    await turnClock(-BEHIND_S);
    const { status, stdout } = await connect();
    expect(status, stdout).to.equal(1);
    expect(stdout).to.match(/^connect: Required key not available/);
    await mesh().until(
      "the reason is shown",
      async () => (await identity())?.state === "SVID_NOT_YET_VALID",
    );
    expect((await identity())?.requestPending).to.equal(true);
    expect(
      mesh()
        .node("client")
        .log()
        .match(/SVID_NOT_YET_VALID/g),
    ).to.have.length(1);
  });

  it("is installed when the clock is right, by the same agent", async () => {
    await turnClock(BEHIND_S);
    await mesh().until(
      "the certificate is installed",
      async () => (await identity())?.state === "valid",
    );
    expect((await connect()).stdout).to.equal("hello friend\n");
    expect(await mesh().serials(ID), "the certificate that was refused").to.have.length(1);
  });
});
