// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { closedFoldersAbove } from "../guest-setup.js";

describe("closedFoldersAbove", () => {
  it("finds the folders that other users can't pass, outermost first", () => {
    const home = mkdtempSync(join(tmpdir(), "signet-home-")); // 0700
    try {
      const secret = join(home, "open", "secret");
      const checkout = join(secret, "checkout");
      mkdirSync(join(home, "open"), { mode: 0o755 });
      mkdirSync(secret, { mode: 0o700 });
      mkdirSync(checkout, { mode: 0o700 });
      expect(closedFoldersAbove([join(checkout, ".cache"), checkout])).to.deep.equal([
        home,
        secret,
        checkout,
      ]);
      expect(closedFoldersAbove(["/usr/bin"])).to.deep.equal([]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
