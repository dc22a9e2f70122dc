// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { cachePath, repositoryRoot } from "../../tools/setup/cache.mjs";
import { debugKernel } from "../../tools/setup/debug_kernel.js";
import { buildModule } from "../../tools/setup/kernel_module.js";
import { startLab, type Lab } from "../vm/lab.js";

const REPORTS = {
  overflow: /BUG: KASAN: slab-out-of-bounds in overflow/,
  locking: /possible circular locking dependency/,
  sleeping: /sleeping function called from invalid context/,
  leak: /unreferenced object[^]*\[faulty\]/,
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
    const hosts = Object.keys(REPORTS).map((name) => ({ name }));
    lab = await startLab({ kernel: "debug", cpus: 1, hosts: [...hosts, { name: "healthy" }] });
  });

  after(async () => {
    await lab.stop();
  });

  for (const [bug, report] of Object.entries(REPORTS)) {
    it(`reports a module's ${bug}`, async () => {
      const host = lab.host(bug);
      await host.run(["insmod", faulty, `bug=${bug}`]);
      const problem = await host.checkKernelLog().then(() => "", String);
      expect(problem).to.match(report);
    });
  }

  it("reports nothing where nothing is wrong", async () => {
    await lab.host("healthy").output("busybox ping -c 1 leak");
    await lab.host("healthy").checkKernelLog();
  });
});
