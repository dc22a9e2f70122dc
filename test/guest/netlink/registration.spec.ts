// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { encodeAttributes } from "../../../agent/src/netlink/attributes.js";
import { NetlinkClient } from "../../../agent/src/netlink/client.js";
import { Command, FAMILY, nodeTable } from "../../../agent/src/netlink/family.generated.js";
import { resolveFamily } from "../../../agent/src/netlink/family.js";
import { KernelModule } from "../../../agent/src/netlink/kernel-module.js";
import { refused } from "./refused.js";
import { TestAgent } from "./test-agent.js";

const run = promisify(execFile);
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"),
) as { version: string };

describe("registering an agent", () => {
  it("a node without agent and policy says so", async () => {
    const module = await KernelModule.connect();
    const node = await module.node();
    expect(node).to.include({ abiVersion: 4, revision: 0n, identities: 0 });
    expect(node.registered ?? false).to.equal(false);
    expect(node.moduleVersion).to.equal(version);
    expect(node.netns).to.equal(statSync("/proc/self/ns/net").ino);
    module.close();
  });

  it("another version is refused, and one that says none", async () => {
    const client = new NetlinkClient();
    const { id } = await resolveFamily(client, FAMILY.name);
    const send = (attributes: Buffer) =>
      client.request(id, "agentRegister", {
        command: Command.agentRegister,
        version: FAMILY.version,
        attributes,
      });
    const other = encodeAttributes(nodeTable, { abiVersion: 99 });
    await refused(send(other), "EPROTONOSUPPORT", /different versions/);
    await refused(send(Buffer.alloc(0)), "EINVAL", /abi-version is missing/);
    const unknown = encodeAttributes(nodeTable, { abiVersion: 4, trustDomain: "x" });
    await refused(send(unknown), "EINVAL", /./);
    client.close();
  });

  it("there is one agent, until its socket is closed", async () => {
    const agent = await TestAgent.register();
    const other = await KernelModule.connect();
    expect((await other.node()).registered).to.equal(true);
    const again = await other.register(false).catch((error: unknown) => error as Error);
    expect(again).to.include({ code: "NETLINK_BUSY" });
    await refused(agent.module.register(false), "EALREADY", /an agent already/);
    agent.leave();
    await other.register(false);
    other.close();
  });

  it("an operation of agents is refused to anyone else", async () => {
    const agent = await TestAgent.register();
    const other = await KernelModule.connect();
    for (const attempt of [
      other.flushProcesses(),
      other.abortPolicy(),
      other.renewSvid(1),
      other.changePolicy({ revocation: [{ id: 1n, serial: "aa" }] }),
      other.answerProcess({ request: 1n, verdict: "none" }),
    ]) {
      await refused(attempt, "EPERM", /not the registered agent/);
    }
    other.close();
    agent.leave();
  });

  it("a user without privileges is refused, and root of a user namespace too", async () => {
    const argv = [process.execPath, join(import.meta.dirname, "unprivileged.mjs")] as const;
    const user = { uid: 1000, gid: 1000 };
    expect((await run(argv[0], [argv[1]], user)).stdout).to.equal("EPERM EPERM EPERM\n");
    const namespaced = await run("unshare", ["-Urn", ...argv], user);
    expect(namespaced.stdout).to.equal("EPERM EPERM EPERM\n");
  });

  it("the counters of a network namespace can be read", () => {
    const lines = readFileSync("/proc/net/signet_stat", "utf8").trim().split("\n");
    const names = lines.map((line) => line.split(" ")[0]);
    expect(names).to.include.members(["resolve", "refused-no-agent", "ended-policy-changed"]);
    for (const line of lines) expect(line).to.match(/^[a-z-]+ \d+$/);
  });
});
