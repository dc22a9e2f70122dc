// SPDX-License-Identifier: Apache-2.0
import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINKTYPE_ETHERNET = 1;
const SNAP_LENGTH = 262_144;

/** A file in pcap's format (draft-ietf-opsawg-pcap) of the frames on a switch. */
export class PacketCapture {
  readonly path: string;
  readonly #file: WriteStream;
  #stopped = false;

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path);
    const header = Buffer.alloc(24);
    header.writeUInt32LE(MAGIC_MICROSECONDS, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(SNAP_LENGTH, 16);
    header.writeUInt32LE(LINKTYPE_ETHERNET, 20);
    this.#file.write(header);
  }

  /** Adds one Ethernet frame, with the time of now. */
  add(frame: Buffer): void {
    if (this.#stopped) return;
    const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const header = Buffer.alloc(16);
    header.writeUInt32LE(Math.floor(micros / 1_000_000), 0);
    header.writeUInt32LE(micros % 1_000_000, 4);
    header.writeUInt32LE(frame.length, 8);
    header.writeUInt32LE(frame.length, 12);
    this.#file.write(Buffer.concat([header, frame]));
  }

  /** Ends the capture; the file is complete when this settles. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#file.end();
    await once(this.#file, "close");
  }
}
