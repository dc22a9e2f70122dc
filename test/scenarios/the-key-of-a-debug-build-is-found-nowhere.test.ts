// SPDX-License-Identifier: Apache-2.0
import { createECDH, createHash } from "node:crypto";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildKernelModule } from "../../tools/setup/kernel_module.js";
import { stockKernel } from "../../tools/setup/stock_kernel.js";
import type { GuestCommand } from "../vm/guest_command.js";
import { startLab, type Lab } from "../vm/lab.js";

// kmod/identity_key.c
const SEED = "signet: the key of a debug build, which is no secret";
const LOAD = `set -e
for name in $(modinfo -F depends "$0" | tr ',' ' ') nlmon; do modprobe -q "$name"; done
insmod "$0"
ip link add nlmon0 type nlmon && ip link set nlmon0 up
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || true
echo 1 >/sys/kernel/tracing/events/signet/enable`;
const COLLECT = `set -e
kill -INT "$0"
cat /sys/kernel/tracing/trace >/tmp/trace
dmesg >/tmp/dmesg
cat /proc/net/signet_stat /proc/modules /proc/net/netlink >/tmp/proc
sleep 1`;
const FILES = ["/tmp/netlink.pcap", "/tmp/trace", "/tmp/dmesg", "/tmp/proc"] as const;

describe("the key of a debug build", function () {
  this.timeout(600_000);
  const key = createHash("sha256").update(SEED).digest();
  let lab: Lab;
  let agent: GuestCommand;
  let said: { pid: number; csr: string; identity: string; stderr: string };

  before(async () => {
    const variables = { KCFLAGS: "-DSIGNET_DEBUG_KEY" };
    const module = await buildKernelModule(await stockKernel(), { name: "debug-key", variables });
    lab = await startLab({ hosts: [{ name: "host" }] });
    const host = lab.host("host");
    await host.output(["sh", "-c", LOAD, module]);
    const capture = host.spawn("exec tcpdump -U -i nlmon0 -s 0 -w /tmp/netlink.pcap 2>&1");
    await capture.seen(/listening on/);
    const { stdout } = await host.run("pidof tcpdump");
    agent = host.spawn(
      [process.execPath, "--import", "tsx", join(repositoryRoot, "test/guest/lone-agent.ts")],
      { cwd: repositoryRoot },
    );
    await agent.seen(/}\n/, 180_000);
    said = JSON.parse(agent.stdout) as typeof said;
    await host.output(["sh", "-c", COLLECT, stdout.trim()]);
  });

  after(async () => {
    agent.end();
    await lab.stop();
  });

  it("is the key that was used, and the kernel's log warns of it", async () => {
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(key);
    expect(said.csr).to.include(pair.getPublicKey("hex"));
    expect(said.stderr).to.match(/failed: Connection refused/);
    expect(await lab.host("host").output("dmesg")).to.match(/DEBUG BUILD: private keys are known/);
  });

  it("is in no agent memory, netlink message, log, trace or dump", async () => {
    const needles = {
      raw: key.toString("hex"),
      // As the kernel's ecc library keeps it: 64-bit limbs, least significant first.
      limbs: Buffer.from(key).reverse().toString("hex"),
      hex: Buffer.from(key.toString("hex")).toString("hex"),
      base64: Buffer.from(key.toString("base64").slice(0, 40)).toString("hex"),
      // What must be found, so that the search is one.
      identity: Buffer.from(said.identity).toString("hex"),
      warning: Buffer.from("DEBUG BUILD").toString("hex"),
      counter: Buffer.from("handshake-started").toString("hex"),
    };
    const search = join(repositoryRoot, "test/guest/search.mjs");
    const found = await lab
      .host("host")
      .output([process.execPath, search, String(said.pid), ...FILES], {
        input: JSON.stringify(needles),
        timeoutMs: 300_000,
      });
    expect(JSON.parse(found)).to.deep.equal({
      memory: ["identity"],
      "/tmp/netlink.pcap": ["identity"],
      "/tmp/trace": ["identity"],
      "/tmp/dmesg": ["warning"],
      "/tmp/proc": ["counter"],
    });
  });
});
