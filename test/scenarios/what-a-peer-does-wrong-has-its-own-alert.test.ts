// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from "node:fs";

import { expect } from "chai";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import type { Program } from "../mesh/host.js";
import { writeSvidFiles, type SvidFiles } from "../mesh/svid-files.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildPeer, buildProgram } from "../programs/build.js";

const UID = 1000;
const LONG_PORT = 7005;
const KEYS_PORT = 7006;
const EMPTY_PORT = 7007;
const POUR_PORT = 7008;
const VERSION_PORT = 7009;
const KIB_64 = 65536;

// Headers of records: longer than any may be; of another version.
const TOO_LONG = "1703035000";
const OTHER_VERSION = "1703010020";

// TLS over a wire that this program holds itself: when data comes it writes the header of a record,
// and says what it is told.
const NO_RECORD = `
const [port, key, cert, header] = process.argv.slice(1);
const read = (path) => require("fs").readFileSync(path);
const { TLSSocket } = require("tls"), { Duplex } = require("stream");
require("net").createServer((socket) => {
  const wire = new Duplex({ read() {}, write: (data, _, done) => socket.write(data, done) });
  socket.on("data", (data) => wire.push(data)).on("error", () => {});
  const options = { isServer: true, key: read(key), cert: read(cert), requestCert: true,
    rejectUnauthorized: false, minVersion: "TLSv1.3" };
  new TLSSocket(wire, options)
    .on("data", () => socket.write(Buffer.from(header, "hex")))
    .on("_tlsError", ({ message }) => console.log(message));
}).listen(Number(port), () => console.log("ready"));`;

// An event loop: it reads when epoll says that there is something.
const EVENT_LOOP = `
const [host, port] = process.argv.slice(1);
const socket = require("net").connect(Number(port), host, () => socket.write("friend"));
socket.on("error", ({ code }) => console.log(code)).on("data", (data) => console.log(data));`;

describe("a peer with an SVID and a TLS library of its own", function () {
  this.timeout(300_000);
  const mesh = useMesh({ nodes: ["client"], others: ["peer"] });
  let client: string;
  let splicer: string;
  let reader: string;
  let files: SvidFiles;

  before(async () => {
    client = await buildProgram("blocking_client");
    splicer = await buildProgram("splicing_client");
    reader = await buildProgram("held_reader");
    files = await writeSvidFiles(mesh(), "spiffe://demo.test/demo/web");
    const { address } = mesh().host("peer");
    await mesh().enforce(
      documents(
        strictTrustDomain,
        workload({ name: "web", group: "nowhere", path: "/usr/bin/true", uid: UID }),
        workload({ name: "client", group: "client", path: client, uid: UID }),
        workload({ name: "loop", group: "client", path: realpathSync(process.execPath), uid: UID }),
        workload({ name: "splicer", group: "client", path: splicer, uid: UID }),
        workload({ name: "reader", group: "client", path: reader, uid: 0 }),
        access("web", ["client", "loop", "splicer", "reader"], LONG_PORT),
        ...[LONG_PORT, KEYS_PORT, EMPTY_PORT, POUR_PORT, VERSION_PORT].map((port) =>
          destination(`to-${String(port)}`, address, port).replace(/demo.to-\d+/, "demo/web"),
        ),
      ),
    );
  });

  async function serving(argv: readonly string[], ready: RegExp): Promise<Program> {
    const server = await mesh().host("peer").start(argv);
    await mesh().until("the peer listens", () => ready.test(server.output().stdout));
    return server;
  }

  function connect(port: number) {
    const argv = [client, mesh().host("peer").address, String(port), "friend"];
    return mesh().host("client").start(argv, { uid: UID });
  }

  async function misbehaving(port: number, ...how: readonly string[]): Promise<Program> {
    const address = ["--address", mesh().host("peer").address, "--port", String(port)];
    const svid = ["--cert", files.chain, "--key", files.key];
    const trust = ["--ca", files.root, "--trust-domain", "demo.test"];
    const argv = [await buildPeer(), "server", ...address, ...svid, ...trust, ...how];
    return serving(argv, /listening/);
  }

  function writing(header: string, port: number): Promise<Program> {
    const argv = [process.execPath, "-e", NO_RECORD, String(port), files.key, files.chain, header];
    return serving(argv, /ready/);
  }

  it("that sends a record too long is told so, and isn't taken for a tamperer", async () => {
    const server = await writing(TOO_LONG, LONG_PORT);
    expect((await (await connect(LONG_PORT)).ended).stdout).to.match(/^read: Protocol error/);
    await mesh().until("the peer has the alert", () =>
      server.output().stdout.includes("alert record overflow"),
    );
    expect(await mesh().counter("client", "ended-protocol")).to.equal(1);
    expect(await mesh().counter("client", "ended-bad-record")).to.equal(0);
  });

  it("that sends what is no record ends a program's splice, too", async () => {
    const ended = await mesh().counter("client", "ended-bad-record");
    await writing(OTHER_VERSION, VERSION_PORT);
    const argv = [splicer, mesh().host("peer").address, String(VERSION_PORT)];
    const { stdout } = await mesh().host("client").run(argv, { uid: UID });
    expect(stdout).to.equal("splice: EBADMSG\n");
    expect(await mesh().counter("client", "ended-bad-record")).to.equal(ended + 1);
  });

  it("that asks for new keys is told that this kernel can't", async () => {
    const commands = "/tmp/commands";
    const serve = `: > ${commands}; tail -f ${commands} | openssl s_server -accept ${String(KEYS_PORT)} \
      -key ${files.key} -cert ${files.chain} -cert_chain ${files.issuers} -verify 4 -tls1_3 -msg`;
    const server = await serving(["sh", "-c", serve], /ACCEPT/);
    const program = await connect(KEYS_PORT);
    await mesh().until("the peer has data", () => server.output().stdout.includes("friend"));
    await mesh()
      .host("peer")
      .run(["sh", "-c", `echo k >> ${commands}`]);
    expect((await program.ended).stdout).to.match(/^read: Protocol error/);
    await mesh().until("the peer has the alert", () =>
      server.output().stdout.includes("fatal internal_error"),
    );
    expect(await mesh().counter("client", "ended-key-update")).to.equal(1);
  });

  it("that sends empty records is stopped, though the program only waits for data", async () => {
    const server = await misbehaving(EMPTY_PORT, "--empty", "100");
    const ended = await mesh().counter("client", "ended-protocol");
    const address = [mesh().host("peer").address, String(EMPTY_PORT)];
    const program = await mesh()
      .host("client")
      .run([process.execPath, "-e", EVENT_LOOP, ...address], { uid: UID });
    expect(program.stdout).to.equal("EPROTO\n");
    const { stdout } = await server.ended;
    expect(stdout).to.include("alert 10\n");
    expect(await mesh().counter("client", "ended-protocol")).to.equal(ended + 1);
  });

  it("that pours in data is stopped by a revocation, in the middle of the program's read", async () => {
    await misbehaving(POUR_PORT, "--pour");
    const address = [mesh().host("peer").address, String(POUR_PORT)];
    const program = await mesh()
      .host("client")
      .start([reader, ...address]);
    await mesh().until("it reads", () => program.output().stdout.includes("held"));
    const id = "spiffe://demo.test/demo/reader";
    const { status, stderr } = await mesh().control.signet("revoke", "--spiffe-id", id);
    expect(status, stderr).to.equal(0);
    await mesh().policyInForce();
    await program.kill("SIGINT");
    const { stdout } = await program.ended;
    expect(stdout).to.include("recv: EKEYREVOKED\n");
    expect(Number(/^filled (\d+)$/m.exec(stdout)?.[1])).to.be.at.most(KIB_64);
  });
});
