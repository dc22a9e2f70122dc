// SPDX-License-Identifier: Apache-2.0
import { serverAndClient } from "../../mesh/documents.js";
import type { Host } from "../../mesh/host.js";
import type { Mesh } from "../../mesh/mesh.js";
import { succeed } from "../../mesh/succeed.js";
import { buildProgram } from "../../programs/build.js";
import { parseCounters, type Counters } from "./counters.js";
import { parseOutcome, type BurstOutcome } from "./outcome.js";

const UID = 1000;
const BACKLOG = 4096;
const SOURCES = 10;
const OPEN_FILES = 65_536;
// How much longer than its own time the client may take to end, when its guest is overloaded.
const GRACE_MS = 180_000;

/** A way from the client's ten addresses to a server. */
export interface Road {
  readonly address: string;
  readonly port: number;
  readonly sources: readonly string[];
}

/**
 * A client with ten addresses in the protected network and ten in the plain one, and a server in
 * each: test/programs/burst_client and burst_server, in the guests of a mesh.
 */
export class Rig {
  /** Mutual TLS. */
  readonly protected: Road;
  /** TCP. */
  readonly plain: Road;
  readonly #mesh: Mesh;
  readonly #program: string;

  private constructor(mesh: Mesh, program: string) {
    const { address, plainAddress } = mesh.host("web");
    this.protected = { address, port: 7000, sources: sourcesBeside(address) };
    this.plain = { address: plainAddress, port: 7001, sources: sourcesBeside(plainAddress) };
    this.#mesh = mesh;
    this.#program = program;
  }

  /** Starts the servers, and waits until one connection of each kind was served. */
  static async build(mesh: Mesh): Promise<Rig> {
    const server = await buildProgram("burst_server");
    const client = await buildProgram("burst_client");
    const rig = new Rig(mesh, client);
    await mesh.enforce(
      serverAndClient({
        server: { path: server, uid: UID },
        client: { path: client, uid: UID },
        address: rig.protected.address,
        port: rig.protected.port,
      }),
    );
    for (const road of [rig.protected, rig.plain]) {
      await rig.#addSources(road);
      await rig.#serve(server, road);
      await mesh.until("the first connection is served", async () => {
        return (await rig.inTurn(road, 1, 30)).served === 1;
      });
    }
    return rig;
  }

  /** Opens connections all at once, and counts which are served in a time. */
  atOnce(road: Road, count: number, seconds: number): Promise<BurstOutcome> {
    return this.#connect("at-once", road, count, seconds);
  }

  /** Opens connections one after the other, at most so many, and counts which are served in a time. */
  inTurn(road: Road, count: number, seconds: number): Promise<BurstOutcome> {
    return this.#connect("in-turn", road, count, seconds);
  }

  /** The counters of each node's module, by the node's name. */
  async counters(): Promise<ReadonlyMap<string, Counters>> {
    const counters = new Map<string, Counters>();
    for (const host of this.#nodes) {
      const text = await succeed(host, ["cat", "/proc/net/signet_stat"]);
      counters.set(host.name, parseCounters(text));
    }
    return counters;
  }

  /** Waits until no connection is left in either guest. */
  async settled(): Promise<void> {
    const ports = [this.protected, this.plain].flatMap(({ port }) => {
      return ["or", "sport", "=", `:${String(port)}`, "or", "dport", "=", `:${String(port)}`];
    });
    const query = ["ss", "-Htn", "state", "connected", "exclude", "time-wait", "("];
    const list = [...query, ...ports.slice(1), ")"];
    for (const host of this.#nodes) {
      await this.#mesh.until(`no connection is left on ${host.name}`, async () => {
        return (await succeed(host, list)) === "";
      });
    }
  }

  get #nodes(): readonly Host[] {
    return [this.#mesh.host("client"), this.#mesh.host("web")];
  }

  async #connect(
    mode: string,
    { address, port, sources }: Road,
    count: number,
    seconds: number,
  ): Promise<BurstOutcome> {
    const argv = [this.#program, mode, address, port, count, seconds, ...sources].map(String);
    const timeoutMs = seconds * 1000 + GRACE_MS;
    return parseOutcome(await succeed(this.#mesh.host("client"), asUser(argv), timeoutMs));
  }

  async #addSources({ sources }: Road): Promise<void> {
    const client = this.#mesh.host("client");
    for (const source of sources)
      await succeed(client, ["ip", "address", "add", `${source}/24`, "dev", "eth0"]);
  }

  async #serve(program: string, { address, port }: Road): Promise<void> {
    const web = this.#mesh.host("web");
    await succeed(web, ["sysctl", "-w", `net.core.somaxconn=${String(BACKLOG)}`]);
    const argv = [program, address, String(port), String(BACKLOG)];
    const server = await web.start(asUser(argv));
    await this.#mesh.until("the server listens", () => {
      return server.output().stdout.includes("ready");
    });
  }
}

function sourcesBeside(address: string): string[] {
  const network = address.slice(0, address.lastIndexOf("."));
  return Array.from({ length: SOURCES }, (_, index) => `${network}.${String(101 + index)}`);
}

/** As the workloads' user, who may not raise the limit of open files himself. */
function asUser(argv: readonly string[]): string[] {
  const user = [`--reuid=${String(UID)}`, `--regid=${String(UID)}`, "--clear-groups"];
  return ["prlimit", `--nofile=${String(OPEN_FILES)}`, "setpriv", ...user, ...argv];
}
