// SPDX-License-Identifier: Apache-2.0

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { ownDatabase } from "../../src/store/ownership.js";

const MODULE = new URL("../../src/store/ownership.ts", import.meta.url).href;

describe("a database", function () {
  this.timeout(30_000);
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "signet-owner-"));
    path = join(folder, "db", "signer.db");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function refusal(): string {
    try {
      ownDatabase(path).giveUp();
      return "none";
    } catch (error) {
      return error instanceof SignetError ? `${error.code}: ${error.message}` : String(error);
    }
  }

  /** Arguments of a Node that owns it, and then does more. */
  function owning(more: string): string[] {
    const source = `const { ownDatabase } = await import(${JSON.stringify(MODULE)});
      ownDatabase(${JSON.stringify(path)});
      ${more}`;
    return ["--import=tsx", "--input-type=module", "-e", source];
  }

  /** A process that owns it, says so, and lives until it is killed. */
  function otherOwner() {
    const argv = owning('console.log("owned"); setInterval(() => {}, 1000);');
    return spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  }

  /** What another process is told that wants it. */
  function refusalOfOther(): string {
    return spawnSync(process.execPath, owning(""), { encoding: "utf8" }).stderr;
  }

  it("has one owner in a process, until that gives it up", () => {
    const owner = ownDatabase(path);
    expect(refusal()).to.match(/^DATABASE_UNAVAILABLE: .*another process's/);
    expect(refusalOfOther(), "the lock survives who is refused").to.include("another process's");
    owner.giveUp();
    expect(refusal()).to.equal("none");
  });

  it("has one owner among processes, until that is killed", async () => {
    const other = otherOwner();
    await once(other.stdout, "data");
    expect(refusal()).to.match(/^DATABASE_UNAVAILABLE: .*another process's/);
    other.kill("SIGKILL");
    await once(other, "exit");
    expect(refusal()).to.equal("none");
  });

  it("is its owner's alone, and says why it can't be had", () => {
    ownDatabase(path).giveUp();
    expect(statSync(`${path}.owner`).mode & 0o777).to.equal(0o600);
    execFileSync("rm", ["-r", join(folder, "db")]);
    execFileSync("touch", [join(folder, "db")]);
    expect(refusal()).to.match(/^DATABASE_UNAVAILABLE: .*can't be made/);
  });
});
