// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, open, rm, symlink, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { isFileAt } from "../../src/identification/host-files.js";
import { whenUnreadable } from "../../src/native.js";

describe("a file of the host", () => {
  let folder: string;
  let path: string;
  let file: FileHandle;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-host-files-"));
    path = join(folder, "program");
    await writeFile(path, "");
    file = await open(path, "r");
  });
  afterEach(async () => {
    await file.close();
    await rm(folder, { recursive: true });
  });

  it("is found by its path", async () => {
    expect(await isFileAt(file, path)).to.equal(true);
  });

  it("is not where there is nothing, nor can be", async () => {
    const loop = join(folder, "loop");
    await symlink(loop, loop);
    for (const none of [`${path}-other`, `${path}/inside`, loop, join(folder, "x".repeat(300))]) {
      expect(await isFileAt(file, none), none).to.equal(false);
    }
  });

  it("is neither there nor not when that can't be found out", () => {
    for (const errno of [-24, -5]) {
      const error = Object.assign(new Error("EMFILE or EIO"), { errno, syscall: "stat" });
      expect(() => whenUnreadable(error)).to.throw("EMFILE or EIO");
    }
  });
});
