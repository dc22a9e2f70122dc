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
  this.timeout(240_000);
  const mesh = useMesh();
  let client: string;
  let path: string;
  let server: Program;

  before(async () => {
    client = await buildProgram("blocking_client");
    path = await buildProgram("late_acceptor");
    await mesh().enforce(policy("1h"));
    const acceptors = [LISTENS, LISTENS, LISTENS, OTHER, LISTENS];
    server = await mesh()
      .host("web")
      .start([path, String(PORT), ...acceptors.map(String)]);
  });

  /** @param ttl lifetime of the server's certificates. */
  function policy(ttl: string): string {
    return documents(
      strictTrustDomain,
      workload({ name: "web", group: "web", path, uid: LISTENS, ttl }),
      workload({ name: "other", group: "web", path, uid: OTHER }),
      workload({ name: "client", group: "client", path: client, uid: CONNECTS }),
      access("web", ["client"], PORT),
      destination("web", mesh().host("web").address, PORT),
    );
  }

  async function start(): Promise<Program> {
    const call = [client, mesh().host("web").address, String(PORT), "friend"];
    return mesh().host("client").start(call, { uid: CONNECTS });
  }

  /** Connects, and waits until nothing but accept() is missing. */
  async function connect(): Promise<Program> {
    const program = await start();
    await until("the connection waits for accept()", waits);
    return program;
  }

  async function waits(): Promise<boolean> {
    const connections = await mesh().connections("web");
    return connections.some(({ role, state }) => role === "server" && state === "accepting");
  }

  /** How many times the agent of the server was asked who a process is. */
  async function asked(): Promise<number> {
    const all = await mesh().counter("web", "resolve");
    return all - (await mesh().counter("web", "resolve-at-once"));
  }

  /** When the server's certificate ends, in milliseconds since 1970. */
  async function end(): Promise<number> {
    const { notAfter } = await mesh().identity("web", "spiffe://demo.test/demo/web");
    return Date.parse(notAfter);
  }

  function answer(program: Program): Promise<string> {
    return program.ended.then(({ stdout }) => stdout);
  }

  it("is its program's when that accepts", async () => {
    const program = await connect();
    await server.kill("SIGINT");
    expect(await answer(program)).to.equal("friend\n");
  });

  it("is as whom its program is now, though that was asked for one before", async () => {
    await mesh().apply(policy("20s"));
    // By then the agent has had the kernel forget who the program is.
    await until("the certificate is a short one", async () => (await end()) < Date.now() + 30_000);
    const known = await asked();
    const before = await mesh()
      .node("web")
      .withoutAnswers(async () => {
        const program = await start();
        await until("the kernel asks as whom it waits", async () => (await asked()) > known);
        await server.kill("SIGINT");
        await until("the program accepts", async () => (await asked()) > known + 1);
        return program;
      });
    expect(await answer(before)).to.equal("friend\n");
    const over = (await end()) + 1_000;
    await until("the certificate of then is over", () => Date.now() > over);
    const program = await connect();
    await server.kill("SIGINT");
    expect(await answer(program)).to.equal("friend\n");
  });

  it("is reset when a process of another identity accepts it", async () => {
    const program = await connect();
    await server.kill("SIGINT");
    expect(await answer(program)).to.contain("reset by peer");
    expect(await mesh().counter("web", "refused-other-acceptor")).to.equal(1);
    await until("the server has read", () => server.output().stdout.includes("read: "));
    expect(server.output().stdout).to.equal("ready\nfriend\nfriend\nfriend\nread: EACCES\n");
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
