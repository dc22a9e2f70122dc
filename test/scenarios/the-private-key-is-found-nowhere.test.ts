// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { cachePath } from "../../tools/setup/cache.mjs";
import { debugKey, debugKeyModule, debugPublicKey } from "../mesh/debug-key.js";
import { serverAndClient } from "../mesh/documents.js";
import type { Host, Program } from "../mesh/host.js";
import type { Connection, NodeStatus } from "../mesh/mesh.js";
import { Search, writtenForms } from "../mesh/search.js";
import { until } from "../mesh/until.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7003;
const NODES = { web: "epoll_server", client: "blocking_client" } as const;
const NETLINK = "/tmp/netlink.pcap";
// What is searched on a node beside memory, and what must be found there, as the key must not.
const FILES = {
  [NETLINK]: "public-key",
  "/tmp/dmesg": "warning",
  "/tmp/trace": "identity",
  "/proc/net/signet_stat": "counter",
  "/tmp/sys": "module",
} as const;
const WATCH = `set -e
modprobe nlmon
ip link add nlmon0 type nlmon
ip link set nlmon0 up
echo 1 >/sys/kernel/tracing/events/signet/enable
exec tcpdump -Z root -U -i nlmon0 -s 0 -w ${NETLINK}`;
const COLLECT = `dmesg >/tmp/dmesg
cat /sys/kernel/tracing/trace >/tmp/trace
find /sys/module/signet /sys/kernel/debug/*signet* -type f -print -exec cat {} + >/tmp/sys 2>&1
for name in node "$0"; do pidof "$name"; done`;

describe("the private key of a debug build", function () {
  this.timeout(600_000);
  const mesh = useMesh({ module: debugKeyModule });
  const folder = cachePath("scenario", `key-${String(process.pid)}`);
  let wire: Buffer;
  let search: Search;
  let status: NodeStatus;
  let connections: readonly Connection[];

  before(async () => {
    await mkdir(folder, { recursive: true });
    const server = await buildProgram(NODES.web);
    const client = await buildProgram(NODES.client);
    search = new Search(await buildProgram("search"), join(folder, "patterns"));
    await search.lookFor({
      "private-key": writtenForms(debugKey),
      "public-key": [debugPublicKey()],
      identity: [Buffer.from("spiffe://demo.test/demo/")],
      warning: [Buffer.from("DEBUG BUILD")],
      counter: [Buffer.from("handshake-started")],
      module: [Buffer.from("/sys/module/signet/")],
      program: Object.values(NODES).map((name) => Buffer.from(name)),
      handshake: [Buffer.from("signet/1")],
    });
    const capture = await mesh().machines.capture();
    const watchers = await Promise.all(nodes().map(watch));
    await connect(server, client);
    status = await mesh().node("client").signetJson("status");
    connections = await mesh().connections("client");
    await Promise.all(watchers.map(endWatch));
    wire = await capture.stop();
  });

  after(() => rm(folder, { recursive: true, force: true }));

  function nodes(): Host[] {
    return Object.keys(NODES).map((name) => mesh().host(name));
  }

  /** One connection carries a line, and one stays open. */
  async function connect(server: string, client: string): Promise<void> {
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
    const call = [client, web.address, String(PORT)];
    const { stdout } = await mesh()
      .host("client")
      .run([...call, "friend"], { uid: UID });
    expect(stdout).to.equal("hello friend\n");
    const open = await mesh().host("client").start(call, { uid: UID });
    await until("a connection is open", () =>
      Promise.resolve(open.output().stdout === "connected\n"),
    );
  }

  /** Fails unless the key is in none of the places, and in each what must be. */
  async function expectNoKey(host: Host | undefined, places: Readonly<Record<string, string>>) {
    const found = await search.in(host, Object.keys(places));
    for (const [place, present] of Object.entries(places))
      expect(found.get(place), `${host?.name ?? "signer"}: ${place}`)
        .to.include(present)
        .and.not.include("private-key");
  }

  it("is the one that certificates and handshakes were made with", async () => {
    const [leaf = ""] = status.identities[0]?.chain ?? [];
    const { publicKey } = new X509Certificate(Buffer.from(leaf, "base64"));
    const spki = publicKey.export({ type: "spki", format: "der" });
    expect(spki.includes(debugPublicKey())).to.equal(true);
    expect(connections.map(({ state }) => state)).to.include("open");
    const written = join(folder, "written");
    for (const form of writtenForms(debugKey)) {
      await writeFile(written, Buffer.concat([Buffer.alloc(4090), form]));
      expect((await search.in(undefined, [written])).get(written)).to.include("private-key");
    }
  });

  for (const [name, program] of Object.entries(NODES))
    it(`is in no memory, netlink message, log or dump of ${name}`, async () => {
      const host = mesh().host(name);
      const { stdout } = await host.run(["sh", "-c", COLLECT, program]);
      const [agent = "", workload = "", ...others] = stdout.trim().split("\n");
      expect(others).to.deep.equal([]);
      await expectNoKey(host, { ...FILES, [agent]: "identity", [workload]: "program" });
    });

  it("is in nothing that was logged, kept, printed or sent", async () => {
    const [printed, sent] = [join(folder, "printed"), join(folder, "sent")];
    await writeFile(printed, JSON.stringify({ status, connections }));
    await writeFile(sent, wire);
    const logs = await Promise.all(
      nodes().map(async ({ name }) => {
        const log = join(folder, `${name}.log`);
        await writeFile(log, mesh().node(name).log());
        return log;
      }),
    );
    await expectNoKey(undefined, {
      [join(mesh().folder, "signer/audit.jsonl")]: "identity",
      [printed]: "identity",
      [sent]: "handshake",
    });
    const kept = await readdir(mesh().folder, { recursive: true, withFileTypes: true });
    const files = kept.filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name));
    for (const [place, names] of await search.in(undefined, [...paths, ...logs]))
      expect(names, place).not.to.include("private-key");
  });
});

async function watch(host: Host): Promise<Program> {
  const watcher = await host.start(["sh", "-c", WATCH]);
  await until(`${host.name} is watched`, () =>
    Promise.resolve(watcher.output().stderr.includes("listening on")),
  );
  return watcher;
}

async function endWatch(watcher: Program): Promise<void> {
  await watcher.kill("SIGINT");
  const { status, stderr } = await watcher.ended;
  if (status !== 0) throw new Error(`tcpdump: ${stderr}`);
}
