// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { outputs } from "../src/outputs.js";

const root = resolve(import.meta.dirname, "../../..");

describe("files made from kmod/signet.yaml", () => {
  it("are the ones in the repository", async () => {
    for (const [path, content] of await outputs(root)) {
      expect(await readFile(join(root, path), "utf8"), `${path}: npm run generate`).to.equal(
        content,
      );
    }
  });
});
