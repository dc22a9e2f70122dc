// SPDX-License-Identifier: Apache-2.0
import { dirname } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildKernelModule } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import { vaultBinary } from "../../tools/setup/vault.js";
import { startLab, type Lab } from "../vm/lab.js";

describe("the demo runs in network namespaces of one guest", function () {
  this.timeout(900_000);
  let lab: Lab;

  before(async () => {
    lab = await startLab({ hosts: [{ name: "single" }], memoryMiB: 3072, cpus: 2 });
  });

  after(async () => {
    await lab.stop();
  });

  it("with --native", async () => {
    const modulePath = await buildKernelModule(await stockKernel());
    const host = lab.host("single");
    const { status, stdout, stderr } = await host.run(
      [
        ...[process.execPath, "--import=tsx", "demo/main.ts"],
        ...["--native", "--module", modulePath],
      ],
      {
        cwd: repositoryRoot,
        env: { PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${dirname(vaultBinary())}` },
        timeoutMs: 840_000,
      },
    );
    expect(status, `${stdout}\n${stderr}`).to.equal(0);
    await host.checkKernelLog();
  });
});
