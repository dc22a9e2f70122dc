// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { EthernetSwitch } from "../ethernet-switch.js";
import { PacketCapture } from "../packet-capture.js";

const NAMES = ["a", "b", "c"] as const;
const MACS = { a: "520000000001", b: "520000000002", c: "520000000003" } as const;
const BROADCAST = "ffffffffffff";

describe("EthernetSwitch", () => {
  let folder: string;
  let network: EthernetSwitch;
  let sockets: Record<string, Socket>;
  let received: Record<string, string>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "signet-switch-"));
    network = new EthernetSwitch();
    sockets = {};
    received = {};
    for (const name of NAMES) {
      const path = join(folder, name);
      await network.addPort(name, MACS[name].replace(/..(?!$)/g, "$&:"), path);
      const socket = connect(path);
      received[name] = "";
      socket.on("data", (data) => (received[name] = (received[name] ?? "") + data.toString("hex")));
      await once(socket, "connect");
      sockets[name] = socket;
    }
  });

  afterEach(async () => {
    for (const socket of Object.values(sockets)) socket.destroy();
    await network.close();
    rmSync(folder, { recursive: true });
  });

  function message(destination: string, text: string): Buffer {
    const frame = Buffer.concat([Buffer.from(destination, "hex"), Buffer.from(text)]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    return Buffer.concat([length, frame]);
  }

  it("sends a frame to the port of its destination alone", async () => {
    const frame = message(MACS.b, "hello");
    sockets["a"]?.write(frame);
    await sleep(50);
    expect(received).to.deep.equal({ a: "", b: frame.toString("hex"), c: "" });
  });

  it("sends broadcasts and unknown destinations to all others", async () => {
    for (const destination of [BROADCAST, "020000000009"]) {
      sockets["a"]?.write(message(destination, "hello"));
    }
    await sleep(50);
    expect(received["a"]).to.equal("");
    expect(received["b"]).to.equal(received["c"]);
    expect(received["b"]).to.have.lengthOf(2 * 2 * 15);
  });

  it("puts frames together that arrive in pieces", async () => {
    const frames = Buffer.concat([message(MACS.c, "one"), message(MACS.c, "two")]);
    for (const byte of frames) {
      sockets["a"]?.write(Buffer.of(byte));
      await sleep(1);
    }
    await sleep(50);
    expect(received["c"]).to.equal(frames.toString("hex"));
  });

  it("loses what the filter refuses", async () => {
    network.filter = (_frame, from, to) => !(from === "a" && to === "b");
    sockets["a"]?.write(message(BROADCAST, "hello"));
    await sleep(50);
    expect(received["b"]).to.equal("");
    expect(received["c"]).to.not.equal("");
  });

  it("captures each frame once, in pcap's format", async () => {
    const capture = new PacketCapture(join(folder, "wire.pcap"));
    network.startCapture(capture);
    sockets["a"]?.write(message(BROADCAST, "hello"));
    await sleep(50);
    await capture.stop();
    const file = readFileSync(capture.path);
    expect(file.readUInt32LE(0)).to.equal(0xa1b2c3d4);
    expect(file.readUInt32LE(24 + 8)).to.equal(11);
    expect(file.subarray(24 + 16).toString("latin1")).to.equal("\xff\xff\xff\xff\xff\xffhello");
    expect(Math.abs(file.readUInt32LE(24) - Date.now() / 1000)).to.be.lessThan(5);
  });
});
