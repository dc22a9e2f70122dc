// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdtemp, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  CalledExec,
  openExecutable,
  type ExecutableFacts,
} from "../../src/identification/executable.js";
import { endProcess, factsOf, startProcess, untilMainThreadEnded } from "./running-process.js";

describe("the file that a process runs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-executable-"));
    await copyFile(await realpath("/bin/sleep"), join(folder, "sleeper"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function opens(pid: number, asked: ExecutableFacts): Promise<boolean> {
    try {
      const file = await openExecutable({ pid, tid: pid }, asked);
      await file?.close();
      return file !== undefined;
    } catch (error) {
      expect(error).to.be.instanceOf(CalledExec);
      return false;
    }
  }

  it("is opened when it is the one that the kernel asked about, and no other", async () => {
    const sleeper = await startProcess(join(folder, "sleeper"), ["600"], /^sleeper$/);
    try {
      const asked = await factsOf(sleeper.pid);
      expect(await opens(sleeper.pid, asked)).to.equal(true);
      expect(await opens(sleeper.pid, { ...asked, exeInode: asked.exeInode + 1n })).to.equal(false);
      const { exeDeviceMinor } = asked;
      const elsewhere = { ...asked, exeDeviceMinor: exeDeviceMinor + 1 };
      expect(await opens(sleeper.pid, elsewhere)).to.equal(false);
    } finally {
      await endProcess(sleeper);
    }
  });

  it("is known on an overlay whose files stat shows on another device", async () => {
    const overlay = [
      `mount -t tmpfs none "${folder}"`,
      `mkdir "${folder}/lower" "${folder}/top" "${folder}/merged"`,
      `cp /bin/sleep "${folder}/lower/overlaid"`,
      `mount -t tmpfs none "${folder}/top"`,
      `mkdir "${folder}/top/upper" "${folder}/top/work"`,
      `mount -t overlay -o "lowerdir=${folder}/lower,upperdir=${folder}/top/upper,workdir=${folder}/top/work,xino=off" none "${folder}/merged"`,
      `exec "${folder}/merged/overlaid" 600`,
    ];
    const overlaid = await startProcess(
      "unshare",
      ["-Urm", "sh", "-c", overlay.join(" && ")],
      /^overlaid$/,
    );
    try {
      const exe = await stat(`/proc/${String(overlaid.pid)}/exe`, { bigint: true });
      const mounts = await readFile(`/proc/${String(overlaid.pid)}/mountinfo`, "latin1");
      const [, major, minor] = /^\d+ \d+ (\d+):(\d+) .* - overlay /m.exec(mounts) ?? [];
      const asked = {
        exeDeviceMajor: Number(major),
        exeDeviceMinor: Number(minor),
        exeInode: exe.ino,
      };
      expect(Number(exe.dev & 0xffn), "stat's device is the overlay's").to.not.equal(Number(minor));
      expect(await opens(overlaid.pid, asked)).to.equal(true);
      const elsewhere = { ...asked, exeDeviceMinor: asked.exeDeviceMinor + 1 };
      expect(await opens(overlaid.pid, elsewhere)).to.equal(false);
    } finally {
      await endProcess(overlaid);
    }
  });

  it("is none for a process that has ended and was not reaped", async () => {
    const parent = await startProcess("sh", ["-c", "true & exec sleep 600"], /^sleep$/);
    try {
      const asked = await factsOf(parent.pid);
      const task = `/proc/${String(parent.pid)}/task/${String(parent.pid)}`;
      const zombie = Number(await readFile(`${task}/children`, "latin1"));
      await untilMainThreadEnded(zombie);
      expect(await openExecutable({ pid: zombie, tid: zombie }, asked)).to.equal(undefined);
    } finally {
      await endProcess(parent);
    }
  });
});
