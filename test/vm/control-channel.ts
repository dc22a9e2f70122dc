// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { GuestCommand, type ExitStatus } from "./guest-command.js";

const HEADER_BYTES = 9;
const INPUT_CHUNK = 64 * 1024;

/** What guestd needs to start a program. */
export interface StartRequest {
  readonly argv: readonly string[];
  readonly uid: number;
  readonly gid: number;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The host's end of guestd's protocol (test/vm/guest/guestd.c describes it). */
export class ControlChannel {
  /** Settles when guestd says that it listens. */
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #jobs = new Map<number, GuestCommand>();
  #nextJob = 1;
  #received: Buffer = Buffer.alloc(0);
  #becomeReady: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.ready = new Promise((resolve) => (this.#becomeReady = resolve));
    socket.on("data", (data) => this.#take(data));
    socket.on("error", () => undefined); // "close" follows
  }

  /** Starts a program in the guest. */
  start(request: StartRequest): GuestCommand {
    const job = this.#nextJob++;
    const command = new GuestCommand({
      kill: (signal) => this.#send("K", job, Buffer.of(signal)),
      write: (data) => this.#write(job, data),
      end: () => this.#send("C", job, Buffer.alloc(0)),
    });
    this.#jobs.set(job, command);
    const env = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
    const fields = [request.uid, request.gid, request.folder, env.length, ...env, ...request.argv];
    this.#send("S", job, Buffer.from(fields.map((field) => `${field}\0`).join("")));
    return command;
  }

  /** Ends every command that still runs: the guest is gone. */
  fail(reason: Error): void {
    for (const command of this.#jobs.values()) command.fail(reason);
    this.#jobs.clear();
  }

  #write(job: number, data: Buffer): void {
    for (let at = 0; at < data.length; at += INPUT_CHUNK) {
      this.#send("I", job, data.subarray(at, at + INPUT_CHUNK));
    }
  }

  #send(kind: string, job: number, payload: Buffer): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(payload.length, 0);
    header.writeUInt32BE(job, 4);
    header.write(kind, 8, "latin1");
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    while (this.#received.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#received.readUInt32BE(0);
      if (this.#received.length < end) return;
      const job = this.#received.readUInt32BE(4);
      const kind = this.#received.toString("latin1", 8, 9);
      this.#dispatch(kind, job, Buffer.from(this.#received.subarray(HEADER_BYTES, end)));
      this.#received = this.#received.subarray(end);
    }
  }

  #dispatch(kind: string, job: number, payload: Buffer): void {
    if (kind === "R") this.#becomeReady();
    const command = this.#jobs.get(job);
    if (command === undefined) return;
    if (kind === "O") command.receive("stdout", payload);
    if (kind === "E") command.receive("stderr", payload);
    if (kind === "X") {
      this.#jobs.delete(job);
      command.finish(exitStatus(payload));
    }
  }
}

function exitStatus(payload: Buffer): ExitStatus {
  const value = payload.readUInt8(1);
  return payload.readUInt8(0) === 0
    ? { status: value, signal: undefined }
    : { status: undefined, signal: value };
}
