// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { parseCounters } from "../bench/burst/counters.js";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { unloadCommand } from "../mesh/module.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7000;
const MPTCP_PORT = 7001;
const MANY = 100_000;

// Two namespaces with a wire between them, and one from the first to here: that goes when it does.
const INNER = ["10.77.0.51", "10.77.0.52"] as const;
const NAMESPACES = `set -e
ip netns add one
ip netns add two
ip -n one link add wire type veth peer name wire netns two
ip link add witness type veth peer name witness netns one
for end in one:${INNER[0]} two:${INNER[1]}; do
  ip -n \${end%:*} address add \${end#*:}/24 dev wire
  ip -n \${end%:*} link set wire up
done`;

describe("what the module is used by goes away", function () {
  this.timeout(600_000);
  const mesh = useMesh();
  let server: string;
  let client: string;
  let burst: string;
  let acceptor: Program;

  before(async () => {
    server = await buildProgram("burst_server");
    client = await buildProgram("blocking_client");
    burst = await buildProgram("burst_client");
    // Before a scope is loaded; later it couldn't listen.
    acceptor = await start("web", [await buildProgram("mptcp_acceptor"), String(MPTCP_PORT)]);
    await said(acceptor, "ready");
    const address = mesh().host("web").address;
    await mesh().enforce(
      documents(
        strictTrustDomain,
        workload({ name: "web", group: "web", path: server, uid: UID }),
        workload({ name: "inner", group: "client", path: server, uid: UID }),
        workload({ name: "client", group: "client", path: client, uid: UID }),
        workload({ name: "burst", group: "client", path: burst, uid: UID }),
        access("web", ["client"], PORT),
        access("inner", ["client", "burst"], PORT),
        destination("web", address, PORT),
        destination("inner", INNER[0], PORT),
      ),
    );
    await said(await start("web", [server, address, String(PORT), "64"]), "ready");
  });

  function start(name: string, argv: readonly string[]): Promise<Program> {
    return mesh().host(name).start(argv, { uid: UID });
  }

  /** Waits until a program says something. */
  async function said(program: Program, text: string): Promise<void> {
    const ended = program.ended.then((outcome) => {
      throw new Error(`it ended before it said ${text}: ${JSON.stringify(outcome)}`);
    });
    const heard = mesh().until(`it says ${text}`, () => program.output().stdout.includes(text));
    await Promise.race([heard, ended]);
  }

  function run(name: string, ...argv: readonly string[]) {
    return mesh().host(name).run(argv);
  }

  async function openedIn(namespace: string): Promise<number> {
    const { stdout } = await run("client", ...inside(namespace), "cat", "/proc/net/signet_stat");
    return parseCounters(stdout).get("opened-client") ?? 0;
  }

  function startIn(namespace: string, ...argv: readonly (string | number)[]): Promise<Program> {
    const user = [`--reuid=${String(UID)}`, `--regid=${String(UID)}`, "--clear-groups"];
    return mesh()
      .host("client")
      .start([...inside(namespace), "setpriv", ...user, ...argv.map(String)]);
  }

  function inside(namespace: string): string[] {
    return ["nsenter", `--net=/run/netns/${namespace}`];
  }

  it("a network namespace under traffic, with all that was in it", async () => {
    const made = await run("client", "sh", "-c", NAMESPACES);
    expect(made.status, made.stderr).to.equal(0);
    const [address, source] = INNER;
    const listening = await startIn("one", server, address, PORT, 64);
    await said(listening, "ready");
    const idle = await startIn("two", client, address, PORT);
    await said(idle, "connected");
    const programs = [
      listening,
      idle,
      await startIn("two", burst, "in-turn", address, PORT, MANY, 3600, source),
    ];
    await mesh().until("there is traffic", async () => (await openedIn("two")) > 3);

    const deleted = await run("client", "sh", "-c", "ip netns del one && ip netns del two");
    expect(deleted.status, deleted.stderr).to.equal(0);
    for (const program of programs) await program.kill("SIGKILL");
    await Promise.all(programs.map(({ ended }) => ended));
    await mesh().until("the namespace is gone", async () => {
      return (await run("client", "ip", "link", "show", "witness")).status !== 0;
    });
    expect(await mesh().connections("client")).to.deep.equal([]);
  });

  describe("an operator removes the module", () => {
    let open: Program;

    before(async () => {
      open = await start("client", [client, mesh().host("web").address, String(PORT)]);
      await said(open, "connected");
    });

    async function rmmod() {
      return (await run("web", "rmmod", "signet")).stderr;
    }

    it("which is refused while there are sockets", async () => {
      expect(await rmmod()).to.match(/in use/);
    });

    it("and after a drain, while one is protected", async () => {
      const left = await mesh().node("web").signetJson<object>("drain");
      expect(left).to.deep.equal({ agentRegistered: true, connections: 1, socketsHeld: 0 });
      expect(await rmmod()).to.match(/in use/);
    });

    it("and done when that is closed, though one waits in MPTCP's accept()", async () => {
      await open.kill();
      await open.ended;
      await mesh().node("web").killAgent();
      const unload = unloadCommand(join(repositoryRoot, "cli/bundle/main.js"));
      const { status, stderr } = await run("web", ...unload);
      expect(status, stderr).to.equal(0);
    });

    it("who waits there goes on waiting, and accepts", async () => {
      expect(acceptor.output()).to.deep.equal({ stdout: "ready\n", stderr: "" });
      const { plainAddress } = mesh().host("web");
      await start("client", [client, plainAddress, String(MPTCP_PORT)]);
      expect((await acceptor.ended).stdout).to.equal("ready\naccepted\n");
    });
  });
});
