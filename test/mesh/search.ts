// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";

import type { Host } from "./host.js";

const exec = promisify(execFile);
const TIMEOUT_MS = 300_000;

/** What is looked for: under each name, byte strings of which any one counts. */
export type Patterns = Readonly<Record<string, readonly Buffer[]>>;

/** Looks for byte strings in files and in processes, on a host or here, by test/programs/search. */
export class Search {
  readonly #program: string;
  readonly #file: string;

  /**
   * @param program the built test/programs/search.c
   * @param file where the patterns are kept; hosts see it
   */
  constructor(program: string, file: string) {
    this.#program = program;
    this.#file = file;
  }

  /** Sets what is looked for. */
  async lookFor(patterns: Patterns): Promise<void> {
    const lines = Object.entries(patterns).flatMap(([name, all]) =>
      all.map((bytes) => `${name} ${bytes.toString("hex")}\n`),
    );
    await writeFile(this.#file, lines.join(""), { mode: 0o600 });
  }

  /**
   * Searches places of a host, or of this machine when none is given.
   *
   * @param places process ids, and paths of files.
   * @returns the names that were found in each place.
   * @throws Error when a place can't be searched.
   */
  async in(host: Host | undefined, places: readonly string[]): Promise<Map<string, string[]>> {
    const argv = [this.#program, this.#file, ...places];
    const { stdout } = host === undefined ? await here(argv) : await there(host, argv);
    const found = new Map<string, string[]>(places.map((place) => [place, []]));
    for (const line of stdout.split("\n")) {
      const end = line.lastIndexOf(" ");
      found.get(line.slice(0, end))?.push(line.slice(end + 1));
    }
    return found;
  }
}

/** All the ways in which a secret is likely to be written down; half of it is enough. */
export function writtenForms(secret: Buffer): readonly Buffer[] {
  const half = secret.length / 2;
  return [secret.subarray(0, half), secret.subarray(half)].flatMap((part) => {
    const reversed = Buffer.from(part).reverse();
    const orders = [part, reversed, Buffer.from(part).swap64()];
    return orders.flatMap((bytes) => [bytes, ...textForms(bytes)]);
  });
}

/** Hexadecimal in both cases, and base64 at each of the three places where it may begin. */
function textForms(bytes: Buffer): Buffer[] {
  const hex = bytes.toString("hex");
  const texts = [hex, hex.toUpperCase()];
  for (const [before, skipped] of [0, 2, 3].entries()) {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const whole = Math.floor((shifted.length * 8) / 6); // characters that no other byte is part of
    for (const alphabet of ["base64", "base64url"] as const)
      texts.push(shifted.toString(alphabet).slice(skipped, whole));
  }
  return texts.map((text) => Buffer.from(text));
}

async function here(argv: readonly string[]): Promise<{ stdout: string }> {
  const [program = "", ...args] = argv;
  return exec(program, args, { timeout: TIMEOUT_MS });
}

async function there(host: Host, argv: readonly string[]): Promise<{ stdout: string }> {
  const outcome = await host.run(argv, { timeoutMs: TIMEOUT_MS });
  if (outcome.status !== 0) throw new Error(`${host.name}: search: ${outcome.stderr}`);
  return outcome;
}
