// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { until } from "../mesh/until.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const [LISTENS, OTHER, CONNECTS] = [0, 1001, 1002];
const PORT = 7005;

describe("a connection that waits for accept()", function () {
  this.timeout(180_000);
  const mesh = useMesh();
  let client: string;
  let server: Program;

  before(async () => {
    client = await buildProgram("blocking_client");
    const path = await buildProgram("late_acceptor");
    const web = mesh().host("web");
    await mesh().enforce(
      documents(
        strictTrustDomain,
        workload({ name: "web", group: "web", path, uid: LISTENS }),
        workload({ name: "other", group: "web", path, uid: OTHER }),
        workload({ name: "client", group: "client", path: client, uid: CONNECTS }),
        access("web", ["client"], PORT),
        destination("web", web.address, PORT),
      ),
    );
    server = await web.start([path, String(PORT), ...[LISTENS, OTHER, LISTENS].map(String)]);
  });

  /** Connects, and waits until nothing but accept() is missing. */
  async function connect(): Promise<Program> {
    const call = [client, mesh().host("web").address, String(PORT), "friend"];
    const program = await mesh().host("client").start(call, { uid: CONNECTS });
    await until("the connection waits for accept()", waits);
    return program;
  }

  async function waits(): Promise<boolean> {
    const connections = await mesh().connections("web");
    return connections.some(({ role, state }) => role === "server" && state === "accepting");
  }

  function answer(program: Program): Promise<string> {
    return program.ended.then(({ stdout }) => stdout);
  }

  it("is its program's when that accepts", async () => {
    const program = await connect();
    await server.kill("SIGINT");
    expect(await answer(program)).to.equal("friend\n");
  });

  it("is reset when a process of another identity accepts it", async () => {
    const program = await connect();
    await server.kill("SIGINT");
    expect(await answer(program)).to.contain("reset by peer");
    expect(await mesh().counter("web", "refused-other-acceptor")).to.equal(1);
    expect(server.output().stdout).to.equal("ready\nfriend\nread: EACCES\n");
  });

  it("ends when its peer is revoked", async () => {
    const program = await connect();
    const id = "spiffe://demo.test/demo/client";
    const { status, stderr } = await mesh().control.signet("revoke", "--spiffe-id", id);
    expect(status, stderr).to.equal(0);
    expect((await program.ended).status).to.equal(1);
    await until("nothing waits for accept() any more", async () => !(await waits()));
    await server.kill("SIGINT");
    expect((await server.ended).stdout).to.contain("read: EKEYREVOKED\n");
  });
});
