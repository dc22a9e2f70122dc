// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { createHash } from "node:crypto";

const CACHE_SIZE = 1024;
const CHUNK = 256 * 1024;

/** SHA-256 of files, remembered while device, inode, size and both times stay what they were. */
export class FileHashes {
  readonly #known = new Map<string, string>();

  /**
   * The hash of an open file.
   *
   * @returns Lower-case hex; undefined when the file changed while it was read.
   */
  async of(file: FileHandle): Promise<string | undefined> {
    const before = keyOf(await file.stat({ bigint: true }));
    const known = this.#known.get(before);
    if (known !== undefined) return known;
    const hash = await hashOf(file);
    if (keyOf(await file.stat({ bigint: true })) !== before) return undefined;
    this.#remember(before, hash);
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

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
