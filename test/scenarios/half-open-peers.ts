// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import type { KernelFlavour } from "../../tools/setup/kernel.js";
import { counted, type Counters } from "../bench/burst/counters.js";
import { Rig } from "../bench/burst/rig.js";
import { clientHello } from "../mesh/client-hello.js";
import type { Host, Outcome, Program } from "../mesh/host.js";
import { unloadCommand } from "../mesh/module.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const KINDS = 8;
const SOURCES = 10;
const ENOUGH_SECONDS = 600;
const OPEN_FILES = 65_536;
const HONEST = 5;
// What client and server of the rig say to each other.
const PLAINTEXT = ["hello\n", "served\n"];

/**
 * A host without the module opens many connections, and finishes the handshake on none: it is
 * silent, dribbles, sends garbage, stops half-way. Run on both kernels.
 *
 * @param count how many connections; an eighth of each kind.
 */
export function halfOpenPeers(kernel: KernelFlavour, count: number): void {
  describe(`${String(count)} peers that finish no handshake, on the ${kernel} kernel`, function () {
    this.timeout(2 * ENOUGH_SECONDS * 1000);
    const mesh = useMesh({ kernel, others: ["peer"] });
    let rig: Rig;
    let earlier: Counters;
    let capture: { stop(): Promise<Buffer> };
    let peers: Program;

    before(async () => {
      rig = await Rig.build(mesh());
      await rig.settled();
      earlier = await counters();
      capture = await mesh().machines.capture();
      peers = await startPeers();
    });

    async function startPeers(): Promise<Program> {
      const hello = join(mesh().folder, "client-hello");
      await writeFile(hello, await clientHello());
      const { address, port } = rig.protected;
      const sources = await addSources(mesh().host("peer"), address);
      const what = [address, port, count, ENOUGH_SECONDS, hello, ...sources].map(String);
      const files = `--nofile=${String(OPEN_FILES)}`;
      const argv = ["prlimit", files, await buildProgram("half_open"), ...what];
      const program = await mesh().host("peer").start(argv);
      await mesh().until("the first begin", () => program.output().stdout.startsWith("begun\n"));
      return program;
    }

    async function counters(): Promise<Counters> {
      return (await rig.counters()).get("web") ?? new Map();
    }

    it("keep no honest client from being served", async () => {
      const { served, failed } = await rig.inTurn(rig.protected, HONEST, ENOUGH_SECONDS);
      expect(Object.fromEntries(failed)).to.deep.equal({});
      expect(served).to.equal(HONEST);
    });

    it("are all ended by the server, with nothing but TLS", async () => {
      const { stdout } = await peers.ended;
      const each = String(count / KINDS);
      const kinds = stdout.trimEnd().split("\n").slice(1);
      expect(kinds).to.have.length(KINDS);
      for (const kind of kinds) {
        expect(kind).to.match(new RegExp(` ${each} ended, 0 left, 0 plaintext$`));
      }
      await rig.settled();
    });

    it("are each counted as refused, once, for a reason", async () => {
      const growth = counted(earlier, await counters());
      const reasons = [...growth].filter(([name]) => name.startsWith("refused-"));
      expect(growth.get("refused")).to.equal(count);
      expect(reasons.reduce((sum, [, by]) => sum + by, 0)).to.equal(count);
      expect(growth.get("opened-server")).to.equal(HONEST);
    });

    it("see no plaintext on the wire", async () => {
      const packets = await capture.stop();
      expect(packets.length).to.be.greaterThan(count, "the capture has packets");
      for (const text of PLAINTEXT) expect(packets.includes(text), text).to.equal(false);
    });

    it("hold nothing of the module's that would keep it from being unloaded", async () => {
      await mesh().node("web").killAgent();
      const argv = unloadCommand(join(repositoryRoot, "cli/bundle/main.js"));
      const { status, stderr } = await mesh().host("web").run(argv);
      expect(status, stderr).to.equal(0);
    });
  });
}

async function addSources(host: Host, beside: string): Promise<string[]> {
  const network = beside.slice(0, beside.lastIndexOf("."));
  const sources = Array.from(
    { length: SOURCES },
    (_, index) => `${network}.${String(201 + index)}`,
  );
  for (const source of sources) {
    const add = ["ip", "address", "add", `${source}/24`, "dev", "eth0"];
    const { status, stderr }: Outcome = await host.run(add);
    expect(status, stderr).to.equal(0);
  }
  return sources;
}
