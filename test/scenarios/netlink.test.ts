// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildKernelModule } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import { startLab, type Lab } from "../vm/lab.js";

const SPECS = ["registration", "policy", "policy-change", "process", "identity", "dying-agent"];
const LOAD = `for name in $(modinfo -F depends "$0" | tr ',' ' '); do modprobe -q "$name"; done
insmod "$0"`;

describe("the netlink family, driven by hand inside a guest", function () {
  this.timeout(600_000);
  let lab: Lab;

  before(async () => {
    const module = await buildKernelModule(await stockKernel());
    lab = await startLab({ hosts: [{ name: "host" }] });
    await lab.host("host").output(["sh", "-c", LOAD, module]);
  });

  after(async () => {
    await lab.stop();
  });

  for (const spec of SPECS) {
    it(spec, async () => {
      const { stdout, stderr, ...ended } = await lab
        .host("host")
        .run(
          [
            join(repositoryRoot, "node_modules/.bin/mocha"),
            ...["--config", join(repositoryRoot, ".mocharc.json"), "--timeout", "60000"],
            join(repositoryRoot, `test/guest/netlink/${spec}.spec.ts`),
          ],
          { cwd: repositoryRoot, timeoutMs: 300_000 },
        );
      expect(ended, `${stdout}${stderr}`).to.deep.equal({ status: 0, signal: undefined });
    });
  }

  it("leaves no trace in the kernel's log", async () => {
    await lab.checkKernelLogs();
  });
});
