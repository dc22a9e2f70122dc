// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { PacketCapture } from "./packet-capture.js";

const LENGTH_BYTES = 4;
const MAC_BYTES = 6;
// What a port holds for a slow guest; frames beyond it are lost, as on a real switch.
const QUEUE_BYTES = 8 * 1024 * 1024;

/** Decides whether a frame goes from one host on to another. */
export type FrameFilter = (frame: Buffer, from: string, to: string) => boolean;

interface Port {
  readonly name: string;
  readonly mac: Buffer;
  readonly server: Server;
  socket: Socket | undefined;
}

/** An Ethernet switch between QEMU's `-netdev stream` clients, one Unix socket each. */
export class EthernetSwitch {
  /** Which frames pass; all of them unless a test says otherwise. */
  filter: FrameFilter = () => true;
  readonly #ports = new Map<string, Port>();
  readonly #captures = new Set<PacketCapture>();

  /** Listens for one guest's network card. */
  async addPort(name: string, mac: string, path: string): Promise<void> {
    const server = createServer((socket) => this.#attach(port, socket));
    const port: Port = {
      name,
      mac: Buffer.from(mac.replaceAll(":", ""), "hex"),
      server,
      socket: undefined,
    };
    this.#ports.set(name, port);
    server.listen(path);
    await once(server, "listening");
  }

  /** Copies each frame that a host sends from now on to the capture. */
  startCapture(capture: PacketCapture): void {
    this.#captures.add(capture);
  }

  /** Ends all ports and captures. */
  async close(): Promise<void> {
    for (const port of this.#ports.values()) {
      port.socket?.destroy();
      port.server.close();
    }
    await Promise.all([...this.#captures].map((capture) => capture.stop()));
  }

  #attach(port: Port, socket: Socket): void {
    let received: Buffer = Buffer.alloc(0);
    port.socket = socket;
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      received = received.length === 0 ? data : Buffer.concat([received, data]);
      let at = 0;
      while (received.length >= at + LENGTH_BYTES) {
        const end = at + LENGTH_BYTES + received.readUInt32BE(at);
        if (received.length < end) break;
        this.#forward(port, received.subarray(at, end));
        at = end;
      }
      received = received.subarray(at);
    });
  }

  /** @param message the frame with its length before it, as it goes on to the other guests */
  #forward(from: Port, message: Buffer): void {
    const frame = message.subarray(LENGTH_BYTES);
    for (const capture of this.#captures) capture.add(frame);
    for (const to of this.#receivers(from, frame.subarray(0, MAC_BYTES))) {
      const full = (to.socket?.writableLength ?? 0) > QUEUE_BYTES;
      if (!full && this.filter(frame, from.name, to.name)) to.socket?.write(message);
    }
  }

  #receivers(from: Port, destination: Buffer): Port[] {
    const others = [...this.#ports.values()].filter((port) => port !== from);
    const owner = others.find((port) => port.mac.equals(destination));
    return owner === undefined ? others : [owner];
  }
}
