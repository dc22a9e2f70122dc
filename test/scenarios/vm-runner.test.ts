// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { HOST_GATEWAY } from "../vm/guest-setup.js";
import { startLab, type Lab } from "../vm/lab.js";

const MESSAGE = "a sentence that goes over the wire between two guests";

describe("the virtual machine runner", function () {
  this.timeout(300_000);
  let lab: Lab;

  before(async () => {
    lab = await startLab({ hosts: [{ name: "web" }, { name: "client" }, { name: "other" }] });
  });

  after(async () => {
    await lab.stop();
  });

  it("gives each guest a name, addresses and the right time", async () => {
    const client = lab.host("client");
    expect((await client.output("hostname")).trim()).to.equal("client");
    expect(await client.output("ip -brief address show eth0")).to.include(
      "10.77.0.12/24 fd77::12/64",
    );
    const seconds = Number(await client.output("date +%s"));
    expect(Math.abs(seconds - Date.now() / 1000)).to.be.lessThan(5);
  });

  it("lets guests reach each other over IPv4 and IPv6", async () => {
    for (const from of lab.hosts) {
      for (const to of lab.hosts) {
        await from.output(["busybox", "ping", "-c", "1", "-W", "5", to.ipv4]);
        await from.output(["busybox", "ping6", "-c", "1", "-W", "5", to.ipv6]);
      }
    }
  });

  it("captures what goes over the wire between them", async () => {
    const [web, client] = [lab.host("web"), lab.host("client")];
    const capture = lab.capture();
    const server = web.spawn("busybox nc -l -p 5000");
    await web.output("until ss -Hltn sport = 5000 | grep -q .; do sleep 0.05; done");
    await client.output("busybox nc -w 5 web 5000", { input: MESSAGE });
    expect(await server.exited).to.deep.equal({ status: 0, signal: undefined });
    expect(server.stdout).to.equal(MESSAGE);
    await capture.stop();
    expect(readFileSync(capture.path).includes(MESSAGE)).to.equal(true);
  });

  it("cuts the network where a test says so", async () => {
    lab.network.filter = (_frame, from, to) => from !== "other" && to !== "other";
    const ping = (from: string) =>
      lab.host(from).run(["busybox", "ping", "-c", "1", "-W", "1", "10.77.0.11"]);
    expect((await ping("other")).status).to.equal(1);
    expect((await ping("client")).status).to.equal(0);
    lab.network.filter = () => true;
    expect((await ping("other")).status).to.equal(0);
  });

  it("lets guests reach services of the machine that they run on", async () => {
    const server = createServer((_, response) => response.end(MESSAGE)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const page = await lab.host("web").output(["curl", "-s", `http://${HOST_GATEWAY}:${port}/`]);
    server.close();
    expect(page).to.equal(MESSAGE);
  });

  it("runs many commands at once, as any user, with input, output and signals", async () => {
    const web = lab.host("web");
    const sleeper = web.spawn("echo ready; exec sleep 1000", { user: "www-data" });
    await sleeper.seen(/ready/);
    const runs = Array.from({ length: 20 }, (_, i) => web.output(`cat; exit 0`, { input: `${i}` }));
    expect(await Promise.all(runs)).to.deep.equal(runs.map((_, i) => String(i)));
    expect((await web.output("id -un", { user: "www-data" })).trim()).to.equal("www-data");
    expect(await web.run("echo wrong >&2; exit 3")).to.include({ status: 3, stderr: "wrong\n" });
    sleeper.kill();
    expect(await sleeper.exited).to.deep.equal({ status: undefined, signal: 15 });
  });

  it("takes megabytes of input and output", async () => {
    const data = Buffer.alloc(5_000_000, "signet ");
    const output = await lab.host("web").output("cat", { input: data });
    expect(output === data.toString()).to.equal(true);
  });

  it("finds nothing wrong in the kernels' logs, and finds a warning that is there", async () => {
    await lab.checkKernelLogs();
    await lab.host("other").output("echo 'WARNING: CPU: 0 PID: 1 at made/up.c:1' > /dev/kmsg");
    const problem = await lab
      .host("other")
      .checkKernelLog()
      .then(() => "", String);
    expect(problem).to.include("made/up.c");
  });
});
