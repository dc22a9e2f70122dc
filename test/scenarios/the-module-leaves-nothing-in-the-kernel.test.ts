// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildKernelModule } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import { loadCommand, unloadCommand } from "../mesh/module.js";
import { buildProgram } from "../programs/build.js";
import type { GuestCommand } from "../vm/guest-command.js";
import type { Host } from "../vm/host.js";
import { startLab, type Lab } from "../vm/lab.js";

const CLI = join(repositoryRoot, "cli/bundle/main.js");
const LISTENERS = [
  ["127.0.0.1", "7010"],
  ["::1", "7011"],
] as const;

describe("the module is removed, after a drain, with TCP sockets open", function () {
  this.timeout(300_000);
  let lab: Lab;
  let host: Host;
  let program: string;
  let ktls: GuestCommand;

  before(async () => {
    program = await buildProgram("sockmap_user");
    const module = await buildKernelModule(await stockKernel());
    lab = await startLab({ hosts: [{ name: "host" }] });
    host = lab.host("host");
    await host.output(loadCommand(module));
  });

  after(async () => {
    await lab.stop();
  });

  async function serve(address: string, port: string): Promise<void> {
    await host.spawn([program, "serve", address, port]).seen(/ready/);
  }

  function ask(address: string, port: string): Promise<string> {
    return host.output(["busybox", "nc", address, port]);
  }

  it("(kTLS can't be loaded anew before, and copy what is patched)", async () => {
    const { status, stderr } = await host.run("rmmod tls");
    expect(status, stderr).to.equal(1);
    expect(stderr).to.include("in use");
  });

  it("(nor does it copy that from a socket in a sockmap)", async () => {
    ktls = host.spawn([program, "ktls"]);
    await ktls.seen(/ready/);
    expect(ktls.stdout).to.equal("kTLS in a sockmap: Invalid argument\nready\n");
  });

  it("but not while they are hooked", async () => {
    for (const [address, port] of LISTENERS) await serve(address, port);
    const { status, stderr } = await host.run("rmmod signet");
    expect(status, stderr).to.equal(1);
    expect(stderr).to.include("in use");
  });

  it("but when they are given back, also those in a sockmap", async () => {
    await host.output(unloadCommand(CLI));
  });

  for (const [address, port] of LISTENERS) {
    it(`then ${address} accepts from a sockmap as before`, async () => {
      expect(await ask(address, port)).to.equal("hello\n");
    });
  }

  it("and so does a listener that goes into a sockmap now", async () => {
    await serve("::1", "7012");
    expect(await ask("::1", "7012")).to.equal("hello\n");
  });

  it("and accept() of a socket with kTLS is the error that it was", async () => {
    ktls.end();
    await ktls.exited;
    expect(ktls.stdout).to.match(/^accept: Invalid argument$/m);
  });

  it("and the kernel's log has no complaint", async () => {
    await lab.checkKernelLogs();
  });
});
