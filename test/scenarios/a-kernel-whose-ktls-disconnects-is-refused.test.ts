// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { cachePath, repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildKernelModule, buildModule } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import { loadCommand } from "../mesh/module.js";
import type { Host } from "../vm/host.js";
import { startLab, type Lab } from "../vm/lab.js";

const FAMILIES = { IPv4: 2, IPv6: 10 } as const;
const REFUSAL = /signet: this kernel's TLS .*: Linux 6\.1\.135, .* is needed/;

/** Takes the mend back from the guest's kernel. */
async function buildOldKtls(): Promise<string> {
  return buildModule({
    kernel: await stockKernel(),
    sources: join(repositoryRoot, "test/vm/old-ktls"),
    folder: cachePath("kmod", "old-ktls"),
    log: cachePath("log", "old-ktls.log"),
    file: "old_ktls.ko",
    variables: {},
  });
}

describe("a kernel that disconnects sockets with kTLS, and leaves them in plaintext", function () {
  this.timeout(300_000);
  let lab: Lab;
  let host: Host;
  let oldKtls: string;
  let load: readonly string[];

  before(async () => {
    oldKtls = await buildOldKtls();
    load = loadCommand(await buildKernelModule(await stockKernel()));
    lab = await startLab({ hosts: [{ name: "host" }] });
    host = lab.host("host");
    await host.output("modprobe tls");
  });

  after(async () => {
    await lab.checkKernelLogs();
    await lab.stop();
  });

  for (const [name, family] of Object.entries(FAMILIES)) {
    it(`is refused, and told what is wrong: ${name}`, async () => {
      const before = host.log().length;
      await host.output(["insmod", oldKtls, `family=${String(family)}`]);
      const { status, stderr } = await host.run(load);
      await host.output("rmmod old_ktls");
      expect(status, stderr).to.equal(1);
      expect(stderr).to.include("Operation not supported");
      expect(host.log().slice(before)).to.match(REFUSAL);
    });
  }

  it("is taken when it is mended, loopback or no loopback", async () => {
    await host.output("ip link set lo down");
    await host.output(load);
  });
});
