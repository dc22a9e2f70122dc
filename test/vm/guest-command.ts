// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from "node:events";
import { constants } from "node:os";

/** How a program ended: with an exit status, or by a signal (its number). */
export interface ExitStatus {
  readonly status: number | undefined;
  readonly signal: number | undefined;
}

interface Controls {
  kill(signal: number): void;
  write(data: Buffer): void;
  end(): void;
}

/** Output that a program writes, in order. */
export type OutputStream = "stdout" | "stderr";

/** A program running in a guest. Emits "stdout" and "stderr" with a Buffer as output arrives. */
export class GuestCommand extends EventEmitter<Record<OutputStream | "end", [Buffer]>> {
  /** Settles when the program ends; rejects when the guest is gone before. */
  readonly exited: Promise<ExitStatus>;
  readonly #controls: Controls;
  readonly #output: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
  #resolve: (status: ExitStatus) => void = () => undefined;
  #reject: (reason: Error) => void = () => undefined;

  constructor(controls: Controls) {
    super();
    this.#controls = controls;
    this.exited = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.exited.catch(() => undefined); // whoever awaits it sees the reason
  }

  /** All output so far, as UTF-8. */
  get stdout(): string {
    return this.bytes("stdout").toString("utf8");
  }

  /** All error output so far, as UTF-8. */
  get stderr(): string {
    return this.bytes("stderr").toString("utf8");
  }

  /** All that was written to one stream so far. */
  bytes(stream: OutputStream): Buffer {
    return Buffer.concat(this.#output[stream]);
  }

  /** Sends a signal to the program and every process of its group. */
  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#controls.kill(constants.signals[signal]);
  }

  /** Writes to the program's standard input. */
  write(data: Buffer | string): void {
    this.#controls.write(Buffer.from(data));
  }

  /** Ends the program's standard input. */
  end(): void {
    this.#controls.end();
  }

  /**
   * Waits until its output matches.
   * @param timeoutMs how long, in milliseconds
   * @returns the match
   * @throws Error when time runs out or the program ends first
   */
  async seen(pattern: RegExp, timeoutMs = 30_000, stream: OutputStream = "stdout") {
    return new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.bytes(stream).toString("utf8"));
        if (match !== null) settle(() => resolve(match));
        return match !== null;
      };
      const give = (what: string) => () =>
        settle(() =>
          reject(new Error(`${what} before ${stream} matched ${pattern}:\n${this.#both()}`)),
        );
      const timer = setTimeout(give(`${timeoutMs} ms went by`), timeoutMs);
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        this.off(stream, look);
        outcome();
      };
      this.on(stream, look);
      if (!look()) void this.exited.then(give("the program ended"), give("the guest was gone"));
    });
  }

  /** For the control channel: output arrived. */
  receive(stream: OutputStream, data: Buffer): void {
    this.#output[stream].push(data);
    this.emit(stream, data);
  }

  /** For the control channel: the program ended. */
  finish(status: ExitStatus): void {
    this.#resolve(status);
  }

  /** For the control channel: the guest is gone. */
  fail(reason: Error): void {
    this.#reject(reason);
  }

  #both(): string {
    return `${this.stdout}\n${this.stderr}`;
  }
}
