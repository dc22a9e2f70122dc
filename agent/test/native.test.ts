// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { expect } from "chai";
import { buildProgram } from "../../test/programs/build.js";
import { isSystemError, native } from "../src/native.js";
import { untilMainThreadEnded } from "./identification/running-process.js";

describe("a process handle", () => {
  it("tells that its process has ended", async () => {
    const child = spawn("sleep", ["30"]);
    const handle = native.openProcess(child.pid ?? 0);
    try {
      expect(native.hasExited(handle)).to.equal(false);
      child.kill();
      await once(child, "exit");
      expect(native.hasExited(handle)).to.equal(true);
    } finally {
      native.closeProcess(handle);
    }
  });

  it("doesn't take the end of a main thread for the end of its process", async () => {
    const child = spawn(await buildProgram("headless_client"));
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    await untilMainThreadEnded(pid);
    const handle = native.openProcess(pid);
    try {
      expect(native.hasExited(handle)).to.equal(false);
      child.kill();
      await once(child, "exit");
      expect(native.hasExited(handle)).to.equal(true);
    } finally {
      native.closeProcess(handle);
    }
  });

  it("is refused for a process that does not exist", () => {
    let thrown: unknown;
    try {
      native.openProcess(2 ** 22 + 1);
    } catch (error) {
      thrown = error;
    }
    expect(isSystemError(thrown) && thrown.errno).to.equal(-constants.errno.ESRCH);
  });
});
