// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { truncateSync } from "node:fs";
import { mkdtemp, open, rm, truncate, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { FileHashes } from "../../src/identification/file-hash.js";

const MIB = 1024 * 1024;

/** Tells of one file after the other, lets nobody read before all are told of, counts what is read. */
function readTogether(...files: readonly FileHandle[]): { readonly pieces: number } {
  const told: Promise<unknown>[] = [];
  const reading = { pieces: 0 };
  for (const file of files) {
    const stat = file.stat.bind(file);
    const read = file.read.bind(file);
    const tell = (options: { bigint: true }) => {
      const stats = Promise.all(told).then(() => stat(options));
      told.push(stats);
      return stats;
    };
    const readPiece = async (buffer: Buffer, offset: number, length: number, position: number) => {
      await Promise.all(told);
      reading.pieces++;
      return read(buffer, offset, length, position);
    };
    Object.assign(file, { stat: tell, read: readPiece });
  }
  return reading;
}

describe("hashes of files", () => {
  let folder: string;
  let path: string;
  let file: FileHandle;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-hash-"));
    path = join(folder, "program");
    await writeFile(path, "program");
    await truncate(path, 4 * MIB);
    file = await open(path, "r");
  });
  afterEach(async () => {
    await file.close();
    await rm(folder, { recursive: true });
  });

  it("share one reading of a file, which goes on while one wants it", async () => {
    const other = await open(path, "r");
    try {
      const hashes = new FileHashes();
      const reading = readTogether(file, other);
      let asked = 0;
      const once = () => asked++ === 0;
      const [first, second] = await Promise.all([
        hashes.of(file, once),
        hashes.of(other, () => true),
      ]);
      const content = Buffer.alloc(4 * MIB);
      content.write("program");
      expect(first).to.equal(createHash("sha256").update(content).digest("hex"));
      expect(second).to.equal(first);
      expect(asked, "who wants it no more is asked").to.equal(16);
      expect(reading.pieces, "pieces of one reading").to.equal(16);
    } finally {
      await other.close();
    }
  });

  it("are not read to the end when nobody wants them any more, and can be read anew", async () => {
    const hashes = new FileHashes();
    let pieces = 0;
    const error: unknown = await hashes.of(file, () => ++pieces < 3).catch((e: unknown) => e);
    expect(error).to.include({ code: "CANCELLED" });
    expect(pieces).to.equal(3);
    expect(await hashes.of(file, () => true)).to.match(/^[0-9a-f]{64}$/);
  });

  it("are none for files too large to be programs, of which nothing is read", async () => {
    await truncate(path, 513 * MIB);
    const neverAsked = () => expect.fail("it was read");
    expect(await new FileHashes().of(file, neverAsked)).to.equal(undefined);
  });

  it("are none when the file changes meanwhile", async () => {
    const growing = () => {
      truncateSync(path, 5 * MIB);
      return true;
    };
    expect(await new FileHashes().of(file, growing)).to.equal(undefined);
  });
});
