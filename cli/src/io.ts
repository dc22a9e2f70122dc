// SPDX-License-Identifier: Apache-2.0

/** The world as commands see it. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** All of standard input. */
  readonly stdin: () => Promise<string>;
  readonly now: () => Date;
  /** Ends when the user interrupts a command that would go on for ever. */
  readonly interrupted: AbortSignal;
}

/** What every command can do with its result: print it as JSON, or as people read it. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Prints a result as one JSON document, or in words. */
export function print(io: Io, options: OutputOptions, json: unknown, words: () => string): void {
  io.stdout(options.json === true ? `${JSON.stringify(json, null, 2)}\n` : words());
}
