// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { tellOfClone } from "../mesh/machine-events.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const [SERVER, CLIENT] = [1000, 1001];
const PORT = 7006;
const ID = "spiffe://demo.test/demo/client";

describe("a machine that was cloned", function () {
  this.timeout(300_000);
  const mesh = useMesh({ others: ["silent"] });
  let client: string;
  let session: Program;
  let handshake: Program;
  let serial: string;

  before(async () => {
    client = await buildProgram("ticking_client");
    const server = await buildProgram("epoll_server");
    const [web, silent] = [mesh().host("web"), mesh().host("silent")];
    await mesh().enforce(
      serverAndClient({
        server: { path: server, uid: SERVER },
        client: { path: client, uid: CLIENT },
        address: web.address,
        port: PORT,
      }),
    );
    await web.start([server, String(PORT)], { uid: SERVER });
    await silent.start(["sh", "-c", `sleep 1000 | busybox nc -l -p ${String(PORT)}`]);
    session = await tick();
    handshake = await connect(silent.address);
    await mesh().until("a handshake waits for its peer", () => state("handshaking"));
    ({ serial } = await mesh().identity("client", ID));
    await tellOfClone(mesh().host("client"));
  });

  function connect(address: string): Promise<Program> {
    return mesh()
      .host("client")
      .start([client, address, String(PORT), "86400"], { uid: CLIENT });
  }

  async function tick(): Promise<Program> {
    const program = await connect(mesh().host("web").address);
    await mesh().until("it ticks", () => program.output().stdout.includes("ticking"));
    return program;
  }

  async function state(name: string): Promise<boolean> {
    const connections = await mesh().connections("client");
    return connections.some((connection) => connection.state === name);
  }

  it("ends its sessions", async () => {
    expect((await session.ended).stdout).to.match(/^ticking\n(send|recv): ECONNRESET\n$/);
    expect(await mesh().counter("client", "ended-cloned")).to.equal(1);
  });

  it("ends its handshakes", async () => {
    expect((await handshake.ended).stdout).to.equal("connect: ECONNRESET\n");
    expect(await mesh().counter("client", "refused-cloned")).to.equal(1);
  });

  it("connects with a new key and certificate", async () => {
    const program = await tick();
    const renewed = await mesh().identity("client", ID);
    expect(renewed.state).to.equal("valid");
    expect(renewed.serial).to.not.equal(serial);
    await program.kill("SIGKILL");
  });
});
