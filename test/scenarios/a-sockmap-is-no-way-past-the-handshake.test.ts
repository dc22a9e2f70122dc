// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { unloadCommand } from "../mesh/module.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const TAKER_PORT = 7020;
const SERVER_PORT = 7021;
const EARLY_PORT = 7022;

// Takes connections, and says nothing.
const TAKER = `require("net").createServer((socket) => socket.on("error", () => {}))
  .listen(${String(TAKER_PORT)}, () => console.log("ready"))`;

describe("root's program whose sockets are in a BPF sockmap", function () {
  this.timeout(600_000);
  const mesh = useMesh({ nodes: ["web"], others: ["outsider"] });
  let program: string;

  before(async () => {
    program = await buildProgram("sockmap_user");
    const outsider = mesh().host("outsider");
    await mesh().enforce(
      documents(
        strictTrustDomain,
        workload({ name: "mapped", group: "web", path: program, uid: 0 }),
        workload({ name: "taker", group: "nowhere", path: "/usr/bin/true", uid: 0 }),
        access("taker", ["mapped"], TAKER_PORT),
        destination("taker", outsider.address, TAKER_PORT),
      ),
    );
    await ready(await outsider.start([process.execPath, "-e", TAKER]));
  });

  function ready(running: Program): Promise<true> {
    return mesh().until("it is ready", () => running.output().stdout.includes("ready"));
  }

  /** The address that no document names, then another. */
  function outsideThen(address: string, port: number): string[] {
    return [mesh().host("outsider").plainAddress, String(TAKER_PORT), address, String(port)];
  }

  /** What someone without TLS gets to read from a port of the program's. */
  async function plaintext(port: number): Promise<string> {
    const ask = ["busybox", "nc", "-w", "20", mesh().host("web").address, String(port)];
    const script = `echo anyone there | ${ask.join(" ")}`;
    return (await mesh().host("outsider").run(["sh", "-c", script])).stdout;
  }

  it("doesn't connect inside, after a connection outside", async () => {
    const { address } = mesh().host("outsider");
    const { stdout } = await mesh()
      .host("web")
      .run([program, "connect", ...outsideThen(address, TAKER_PORT)]);
    expect(stdout).to.equal("connect inside: Permission denied\n");
  });

  it("doesn't serve inside, after a connection outside", async () => {
    const web = mesh().host("web");
    const server = await web.start([program, "listen", ...outsideThen(web.address, SERVER_PORT)]);
    await ready(server);
    expect(await plaintext(SERVER_PORT)).to.equal("");
    // What the program prints comes on another way than what the outsider has read.
    await mesh().until("accept() has failed", () =>
      server.output().stdout.includes("accept: Software caused connection abort\n"),
    );
    await server.kill();
    await server.ended;
  });

  it("doesn't connect inside from a sockmap, and that is counted", async () => {
    const [web, { address }] = [mesh().host("web"), mesh().host("outsider")];
    const listener = [web.address, String(SERVER_PORT)];
    const { stdout } = await web.run([program, "shut", ...listener, address, String(TAKER_PORT)]);
    expect(stdout).to.equal("connect inside: Device or resource busy\n");
    expect(await mesh().counter("web", "occupied-refused")).to.equal(1);
  });

  it("puts none there whose handshake is under way", async () => {
    const { address } = mesh().host("outsider");
    const { stdout } = await mesh()
      .host("web")
      .run([program, "during", address, String(TAKER_PORT)]);
    expect(stdout).to.equal("sockmap: Device or resource busy\n");
  });

  it("gives nobody plaintext by a listener from before the module was loaded", async () => {
    const web = mesh().host("web");
    await mesh().node("web").killAgent();
    const cli = join(repositoryRoot, "cli/bundle/main.js");
    const removed = await web.run(unloadCommand(cli));
    expect(removed.status, removed.stderr).to.equal(0);
    await ready(await web.start([program, "serve", web.address, String(EARLY_PORT)]));

    await mesh().machines.loadModule(["web"]);
    await mesh().node("web").startAgent();
    await mesh().policyInForce();

    expect(await plaintext(EARLY_PORT)).to.equal("");
    expect(await mesh().counter("web", "handshake-started")).to.equal(1);
  });
});
