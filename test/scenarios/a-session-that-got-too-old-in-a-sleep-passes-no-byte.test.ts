// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { sleep } from "../mesh/machine-events.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const [SERVER, CLIENT] = [1000, 1001];
const PORT = 7006;
const MAX_SESSION_AGE = 86_400;

describe("a machine that sleeps longer than a session may last", function () {
  this.timeout(300_000);
  const mesh = useMesh();
  let client: string;

  before(async () => {
    client = await buildProgram("ticking_client");
    const server = await buildProgram("epoll_server");
    const web = mesh().host("web");
    await mesh().enforce(
      serverAndClient({
        server: { path: server, uid: SERVER },
        client: { path: client, uid: CLIENT },
        address: web.address,
        port: PORT,
      }),
    );
    await web.start([server, String(PORT)], { uid: SERVER });
  });

  async function tick(): Promise<Program> {
    const call = [client, mesh().host("web").address, String(PORT), String(MAX_SESSION_AGE)];
    const program = await mesh().host("client").start(call, { uid: CLIENT });
    await mesh().until("it ticks", () => program.output().stdout.includes("ticking"));
    return program;
  }

  it("keeps it when it sleeps for a minute", async () => {
    const program = await tick();
    await sleep(mesh().host("client"), 60);
    expect(program.output().stdout).to.equal("ticking\n");
    await program.kill("SIGKILL");
  });

  it("passes no byte of it after it has woken up", async () => {
    const program = await tick();
    await sleep(mesh().host("client"), MAX_SESSION_AGE);
    expect((await program.ended).stdout).to.match(/^ticking\n(send|recv): ETIMEDOUT\n$/);
    expect(await mesh().counter("client", "ended-max-age")).to.equal(1);
  });

  it("connects anew when its clock is right", async () => {
    const now = String(Math.floor(Date.now() / 1000));
    await mesh()
      .host("client")
      .run(["date", "-s", `@${now}`]);
    await (await tick()).kill("SIGKILL");
  });
});
