// SPDX-License-Identifier: Apache-2.0

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { auditFile, type AuditFile } from "../src/audit-file.js";
import { eventually } from "./running-signer.js";
import { SmallDisk } from "./small-disk.js";

const LINE = `{"line":"${"a".repeat(501)}"}\n`;
const WRITER = fileURLToPath(new URL("audit-writer.mjs", import.meta.url));

/** Writes until that fails. Returns the error's code, and how many lines there are. */
function writeAll({ write }: AuditFile): { code: unknown; lines: number } {
  for (let lines = 0; ; lines++) {
    try {
      write(LINE);
    } catch (error) {
      return { code: (error as NodeJS.ErrnoException).code, lines };
    }
  }
}

/** How many lines of a text are whole, and how many aren't. */
function count(all: string): { whole: number; torn: number } {
  const lines = all.split("\n").slice(0, -1);
  const whole = lines.filter((line) => `${line}\n` === LINE).length;
  return { whole, torn: lines.length - whole };
}

describe("the audit file", () => {
  it("keeps lines apart when one was torn by a full disk", () => {
    const disk = new SmallDisk();
    try {
      const path = join(disk.folder, "audit.jsonl");
      const file = auditFile(path);
      file.write(LINE);
      disk.fill();
      const { code, lines } = writeAll(file);
      expect(code).to.equal("ENOSPC");
      expect(readFileSync(path, "utf8").endsWith("\n"), "nothing was torn").to.equal(false);
      disk.free();
      file.write(LINE);
      file.close();
      expect(count(readFileSync(path, "utf8"))).to.deep.equal({ whole: lines + 2, torn: 1 });
    } finally {
      disk.remove();
    }
  });

  it("keeps lines apart when the last one of the process before was torn", () => {
    const folder = mkdtempSync(join(tmpdir(), "signet-audit-file-"));
    const path = join(folder, "audit.jsonl");
    writeFileSync(path, LINE + LINE.slice(0, 7));
    for (let start = 0; start < 2; start++) {
      const file = auditFile(path);
      file.write(LINE);
      file.close();
    }
    expect(count(readFileSync(path, "utf8"))).to.deep.equal({ whole: 3, torn: 1 });
    rmSync(folder, { recursive: true });
  });

  it("doesn't wait for who reads a named pipe, nor for one that has gone", () => {
    const folder = mkdtempSync(join(tmpdir(), "signet-audit-file-"));
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    expect(() => auditFile(path))
      .to.throw(SignetError)
      .with.property("code", "AUDIT_UNAVAILABLE");
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const file = auditFile(path);
    expect(writeAll(file).code).to.equal("EAGAIN");
    closeSync(reader);
    expect(writeAll(file)).to.deep.equal({ code: "EPIPE", lines: 0 });
    file.close();
    rmSync(folder, { recursive: true });
  });

  it("doesn't wait for who reads standard output, and goes on when that does", async () => {
    const child = spawn(process.execPath, [WRITER]);
    const ended = once(child, "close");
    child.stdin.write(LINE);
    const [said] = (await once(child.stderr, "data")) as [Buffer];
    const { code, lines } = JSON.parse(said.toString()) as { code: string; lines: number };
    expect(code).to.equal("EAGAIN");
    let out = "";
    child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
    await eventually(() => count(out).whole === lines);
    child.stdin.end();
    expect(await ended).to.deep.equal([0, null]);
    expect(count(out).whole).to.equal(lines + 1);
  });
});
