// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { cachePath, repositoryRoot } from "../../tools/setup/cache.mjs";
import { debugKernel } from "../../tools/setup/debug-kernel.js";
import { buildModule } from "../../tools/setup/kernel-module.js";
import { kernelProblem } from "../vm/kernel-log.js";
import { startLab, type Lab } from "../vm/lab.js";

// In this order: after any report that taints the kernel, lockdep falls silent.
const REPORTS = {
  locking: /possible circular locking dependency/,
  sleeping: /sleeping function called from invalid context/,
  overflow: /BUG: KASAN: slab-out-of-bounds in overflow/,
} as const;

describe("the debug kernel", function () {
  this.timeout(600_000);
  let lab: Lab;
  let faulty: string;

  before(async () => {
    const sources = join(repositoryRoot, "test/vm/faulty");
    const kernel = await debugKernel();
    const [folder, log] = [cachePath("kmod", "faulty"), cachePath("log", "faulty.log")];
    const file = "faulty.ko";
    faulty = await buildModule({ kernel, sources, folder, log, file, variables: {} });
    lab = await startLab({ kernel: "debug", hosts: [{ name: "faulty" }, { name: "healthy" }] });
  });

  after(async () => {
    await lab.stop();
  });

  for (const [bug, report] of Object.entries(REPORTS)) {
    it(`reports a module's ${bug}`, async () => {
      const host = lab.host("faulty");
      const before = host.log().length;
      await host.output(["insmod", faulty, `bug=${bug}`]);
      await host.output("rmmod faulty");
      const problem = kernelProblem(host.log().slice(before));
      expect(problem).to.match(report);
    });
  }

  it("reports nothing where nothing is wrong, and memory that was leaked where it was", async () => {
    const host = lab.host("healthy");
    await host.output("busybox ping -c 1 faulty");
    await host.checkKernelLog();
    await host.output(["insmod", faulty, "bug=leak"]);
    const problem = await host.checkKernelLog().then(() => "", String);
    expect(problem).to.match(/unreferenced object[^]*\[faulty\]/);
  });
});
