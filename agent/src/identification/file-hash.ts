// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { createHash } from "node:crypto";
import { SignetError } from "@signet/contract/signet-error.js";

const CACHE_SIZE = 1024;
const CHUNK = 256 * 1024;
/** Programs are smaller; a sparse file of any size costs its owner nothing. */
const LARGEST_FILE = 512 * 1024 * 1024;

/** Says whether who asked for a hash still waits for it. */
export type Wanted = () => boolean;

interface Reading {
  readonly wanted: Wanted[];
  readonly hash: Promise<string | undefined>;
}

/** SHA-256 of files, remembered while device, inode, size and both times stay what they were. */
export class FileHashes {
  readonly #known = new Map<string, string>();
  readonly #reading = new Map<string, Reading>();

  /**
   * The hash of an open file. Who asks for the same file meanwhile shares the reading, which goes on
   * while one of them wants it.
   *
   * @returns Lower-case hex; undefined when the file is larger than 512 MiB or changed meanwhile.
   * @throws SignetError CANCELLED when nobody wants it any more.
   */
  async of(file: FileHandle, wanted: Wanted): Promise<string | undefined> {
    const stats = await file.stat({ bigint: true });
    if (stats.size > LARGEST_FILE) return undefined;
    const key = keyOf(stats);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const reading = this.#reading.get(key) ?? this.#read(key, file, Number(stats.size));
    reading.wanted.push(wanted);
    return reading.hash;
  }

  #read(key: string, file: FileHandle, size: number): Reading {
    const wanted: Wanted[] = [];
    const hash = this.#hash(key, file, size, wanted).finally(() => this.#reading.delete(key));
    const reading = { wanted, hash };
    this.#reading.set(key, reading);
    return reading;
  }

  async #hash(
    key: string,
    file: FileHandle,
    size: number,
    wanted: readonly Wanted[],
  ): Promise<string | undefined> {
    const hash = await hashOf(file, size, () => wanted.some((stillWanted) => stillWanted()));
    if (keyOf(await file.stat({ bigint: true })) !== key) return undefined;
    this.#remember(key, hash);
    return hash;
  }

  #remember(key: string, hash: string): void {
    const oldest = this.#known.keys().next();
    if (this.#known.size >= CACHE_SIZE && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(key, hash);
  }
}

function keyOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

async function hashOf(file: FileHandle, size: number, wanted: Wanted): Promise<string> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let position = 0; position < size;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
    if (bytesRead === 0) break;
    if (!wanted()) throw new SignetError("CANCELLED", "Nobody waits for the file's hash any more.");
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest("hex");
}
