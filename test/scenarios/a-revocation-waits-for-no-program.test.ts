// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { untilListening } from "../mesh/listening.js";
import type { NodeStatus } from "../mesh/mesh.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const SERVER = 1000;
const HOLDER = 1001;
const FRIEND = 1002;
const OTHER = 1003;
const PORT = 7004;
const HELD_PORT = 7005;
const MANY = 60;
const SOME = 24; // more than a server begins at a time of one source, at first
const FEW = 4; // a worker waits only when the lock is taken within microseconds after a look

describe("a program that holds its socket's lock, and is revoked", function () {
  this.timeout(600_000);
  const mesh = useMesh();
  let client: string;
  let holding: string;
  let holder: Program;

  before(async () => {
    const server = await buildProgram("epoll_server");
    holding = await buildProgram("page_holder");
    client = await buildProgram("blocking_client");
    const web = mesh().host("web");
    await mesh().enforce(
      documents(
        strictTrustDomain,
        workload({ name: "web", group: "web", path: server, uid: SERVER }),
        workload({ name: "holder", group: "client", path: holding, uid: HOLDER }),
        workload({ name: "acceptor", group: "web", path: holding, uid: HOLDER }),
        workload({ name: "friend", group: "client", path: client, uid: FRIEND }),
        workload({ name: "other", group: "client", path: client, uid: OTHER }),
        access("web", ["holder", "friend", "other"], PORT),
        access("acceptor", ["holder"], HELD_PORT),
        destination("web", web.address, PORT),
        destination("acceptor", web.address, HELD_PORT),
      ),
    );
    await web.start([server, String(PORT)], { uid: SERVER });
    for (const node of [web, mesh().host("client")]) {
      // As udev would.
      const fuse = await node.run(["sh", "-c", "modprobe fuse && chmod 666 /dev/fuse"]);
      expect(fuse.status, fuse.stderr).to.equal(0);
    }
    holder = await hold(["client", HOLDER], web.address, PORT);
  });

  /** Starts one, on a host and as a user, that has its page asked for, and not given. */
  async function hold(
    where: readonly [host: string, uid: number],
    ...args: (string | number)[]
  ): Promise<Program> {
    const program = await start(where, ...args);
    const state = { ended: false };
    void program.ended.then(() => (state.ended = true));
    await mesh().until("the page is held", () => {
      return state.ended || program.output().stdout.includes("held");
    });
    expect(state.ended, JSON.stringify(program.output())).to.equal(false);
    return program;
  }

  function start(
    [host, uid]: readonly [host: string, uid: number],
    ...args: (string | number)[]
  ): Promise<Program> {
    return mesh()
      .host(host)
      .start([holding, ...args.map(String)], { uid });
  }

  async function letGo(program: Program, host = "client"): Promise<void> {
    const server = /^server (\d+)$/m.exec(program.output().stdout)?.[1] ?? "";
    await program.kill("SIGKILL");
    await mesh().host(host).run(["kill", "-KILL", server]);
    await program.ended;
  }

  function connect(uid: number) {
    const { address } = mesh().host("web");
    return mesh()
      .host("client")
      .run([client, address, String(PORT), "friend"], { uid });
  }

  /** Revokes an identity, and waits until every kernel knows. */
  async function revoke(name: string) {
    const id = `spiffe://demo.test/demo/${name}`;
    const { status, stderr } = await mesh().control.signet("revoke", "--spiffe-id", id);
    expect(status, stderr).to.equal(0);
    await mesh().policyInForce();
  }

  async function ending() {
    return (await mesh().node("client").signetJson<NodeStatus>("status")).sessionsEnding;
  }

  /** How many tasks wait for the lock of a socket: the kernel's workers, and no thread of a program. */
  async function workersHeld(): Promise<number> {
    const list = ["sh", "-c", "grep -ls lock_sock /proc/[0-9]*/wchan"];
    const { stdout } = await mesh().host("client").run(list);
    return stdout.split("\n").filter((line) => line !== "").length;
  }

  it("holds few of the workers that do handshakes, when it takes many locks in theirs", async () => {
    const { address } = mesh().host("web");
    const program = await hold(["client", HOLDER], address, PORT, MANY, "answered");
    await mesh().until("all are tried", () => program.output().stdout.includes("tried"));
    try {
      expect(await workersHeld()).to.be.at.most(FEW);
    } finally {
      await letGo(program);
    }
  });

  it("has its peer's other connections served, when both hold the locks of theirs", async () => {
    const { address } = mesh().host("web");
    const server = await start(["web", HOLDER], address, HELD_PORT, SOME, "accepted");
    await untilListening(mesh().host("web"), HELD_PORT);
    const client = await hold(["client", HOLDER], address, HELD_PORT, SOME, "answered");
    await mesh().until("it holds, too", () => server.output().stdout.includes("held"));
    await mesh().until("all are tried", () => client.output().stdout.includes("tried"));
    try {
      expect((await connect(FRIEND)).stdout).to.equal("hello friend\n");
    } finally {
      await letGo(client);
      await letGo(server, "web");
    }
  });

  it("keeps nobody else on its node from being identified", async () => {
    await revoke("holder");
    expect((await connect(FRIEND)).stdout).to.equal("hello friend\n");
  });

  it("is shown as a session that is ending", async () => {
    expect(await ending()).to.equal(1);
    const states = (await mesh().connections("client")).map(({ state }) => state);
    expect(states).to.include("ending");
    expect(await mesh().counter("client", "ending")).to.equal(1);
  });

  it("holds up no later revocation", async () => {
    await revoke("other");
    expect((await connect(OTHER)).stdout).to.include("Key has been revoked");
  });

  it("doesn't hold up the next agent", async () => {
    const node = mesh().node("client");
    await node.killAgent();
    await node.startAgent();
    expect((await connect(FRIEND)).stdout).to.equal("hello friend\n");
  });

  it("is closed when it lets go, though it was killed long before", async () => {
    await holder.kill("SIGKILL");
    expect(await ending()).to.equal(1);
    await letGo(holder);
    await mesh().until("no session is ending", async () => (await ending()) === 0);
  });

  it("doesn't hold up a drain, which leaves its socket and says so", async () => {
    const drain = () => mesh().node("client").signetJson<{ socketsHeld: number }>("drain");
    const program = await hold(["client", HOLDER]);
    expect((await drain()).socketsHeld).to.equal(1);
    await letGo(program);
    expect((await drain()).socketsHeld).to.equal(0);
  });
});
