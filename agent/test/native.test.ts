// SPDX-License-Identifier: Apache-2.0
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { expect } from "chai";
import { buildProgram } from "../../test/programs/build.js";
import { isSystemError, native } from "../src/native.js";
import {
  endProcess,
  startProcess,
  untilMainThreadEnded,
} from "./identification/running-process.js";

describe("a process handle", () => {
  async function expectEndIsTold(child: ChildProcess & { readonly pid: number }): Promise<void> {
    const handle = native.openProcess(child.pid);
    try {
      expect(native.hasExited(handle)).to.equal(false);
      await endProcess(child);
      expect(native.hasExited(handle)).to.equal(true);
    } finally {
      native.closeProcess(handle);
    }
  }

  it("tells that its process has ended", async () => {
    const child = await startProcess("sleep", ["30"], /^sleep$/);
    try {
      await expectEndIsTold(child);
    } finally {
      await endProcess(child);
    }
  });

  it("doesn't take the end of a main thread for the end of its process", async function () {
    this.timeout(60_000); // a compiler runs
    const child = await startProcess(
      await buildProgram("headless_client"),
      [],
      /^headless_client$/,
    );
    try {
      await untilMainThreadEnded(child.pid);
      await expectEndIsTold(child);
    } finally {
      await endProcess(child);
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
