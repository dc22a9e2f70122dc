// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from "node:fs";
import { expect } from "chai";
import { Authority } from "./authority.js";
import { KernelModule } from "../../../agent/src/netlink/kernel-module.js";
import { until } from "../../mesh/until.js";
import { refused } from "./refused.js";
import { connect, CONNECTED, start, TestAgent, TRUST_DOMAIN } from "./test-agent.js";

const DENIED = /Permission denied/;
const CURL = "/usr/bin/curl";
const PERL = "/usr/bin/perl";

describe("identifying a process", () => {
  const authority = new Authority("process root");
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.register();
    await agent.enforce({ root: [authority.root] });
    await agent.module.flushProcesses();
  });

  afterEach(() => {
    agent.leave();
  });

  it("asks with facts that are true", async () => {
    const program = connect(1000);
    const question = await agent.question();
    const stat = readFileSync(`/proc/${String(program.pid)}/stat`, "utf8").split(" ");
    const ticks = BigInt(stat[21] ?? "0");
    expect(question).to.include({ pid: program.pid, tid: program.pid });
    expect(question.startTimeNs / 10_000_000n).to.equal(ticks);
    expect(question).to.include({ uid: 1000, gid: 1000, exePath: PERL, capabilities: 0n });
    expect(question.exeInode).to.equal(statSync(PERL, { bigint: true }).ino);
    expect(question.cgroup).to.match(/^\//);
    for (const [fact, name] of [
      ["userNs", "user"],
      ["mountNs", "mnt"],
      ["networkNs", "net"],
      ["pidNs", "pid"],
    ] as const) {
      expect(question[fact], fact).to.equal(statSync(`/proc/self/ns/${name}`).ino);
    }
    await agent.module.answerProcess({ request: question.request, verdict: "none" });
    expect((await program.ended).stderr).to.match(DENIED);
  });

  it("refuses answers that say too little, too much, or nonsense", async () => {
    const program = connect();
    const { request } = await agent.question();
    const answer = agent.module.answerProcess.bind(agent.module);
    const identity = { request, verdict: "identity", entryId: "e" } as const;
    const ours = `spiffe://${TRUST_DOMAIN}`;
    await refused(answer({ request }), "EINVAL", /needs request and verdict/);
    await refused(answer({ request, verdict: "identity" }), "EINVAL", /belong to the verdict/);
    await refused(answer({ ...identity, verdict: "none" }), "EINVAL", /belong to the verdict/);
    for (const [spiffeId, words] of [
      ["spiffe://other.example/web", /another trust domain/],
      [`${ours}/signet/signer`, /not for workloads/],
      [ours, /not a SPIFFE ID with a path/],
      [`${ours}/a//b`, /not a SPIFFE ID with a path/],
      [`${ours}/a%2fb`, /not a SPIFFE ID with a path/],
    ] as const) {
      await refused(answer({ ...identity, spiffeId }), "EINVAL", words);
    }
    await refused(answer({ request: 1n << 60n, verdict: "none" }), "ENOENT", /nobody waits/);
    await answer({ request, verdict: "ambiguous" });
    await refused(answer({ request, verdict: "none" }), "ENOENT", /nobody waits/);
    expect((await program.ended).stderr).to.match(DENIED);
  });

  it("gives up on an agent that doesn't answer, after five seconds", async () => {
    const started = Date.now();
    const before = counter("refused-identify-timeout");
    expect((await connect().ended).stderr).to.match(DENIED);
    expect(Date.now() - started).to.be.above(4500);
    expect(counter("refused-identify-timeout")).to.equal(before + 1);
    await refused(
      agent.module.answerProcess({ request: (await agent.question()).request, verdict: "none" }),
      "ENOENT",
      /nobody waits/,
    );
  });

  it("refuses at once without an agent, and asks the next one what the last left", async () => {
    agent.leave();
    const before = counter("refused-no-agent");
    expect((await connect().ended).stderr).to.match(DENIED);
    expect(counter("refused-no-agent")).to.equal(before + 1);

    agent = await TestAgent.register();
    const program = connect();
    const first = await agent.question();
    agent.leave();
    agent = await TestAgent.register();
    const second = await agent.question();
    expect(second.request).to.equal(first.request);
    await agent.module.answerProcess({ request: second.request, verdict: "none" });
    expect((await program.ended).stderr).to.match(DENIED);
  });

  it("tells those who listen that it refused, and makes no message for nobody", async () => {
    agent.leave();
    const built = counter("event-built");
    const refusals = counter("refused");
    await connect().ended;
    const reasons: unknown[] = [];
    const listener = await KernelModule.connect({
      onConnectionEvent: ({ reason }) => reasons.push(reason),
    });
    listener.subscribe();
    await connect().ended;
    await until("an event comes", () => reasons.length > 0);
    listener.close();
    expect(reasons).to.deep.equal(["no-agent"]);
    expect(counter("refused")).to.equal(refusals + 2);
    expect(counter("event-built")).to.equal(built + 1);
    agent = await TestAgent.register();
  });

  it("lists whom it knows, and forgets those that ended or were flushed", async () => {
    const program = connect(1001);
    const { request, generation } = await agent.question();
    await agent.module.answerProcess({ request, verdict: "none" });
    await program.ended;
    const known = (await agent.module.processes()).find(({ pid }) => pid === program.pid);
    expect(known).to.include({ uid: 1001, verdict: "none", generation });
    await agent.module.flushProcesses();
    expect(await agent.module.processes()).to.deep.equal([]);
  });

  it("lets an unidentified process through in plaintext where the policy says audit", async () => {
    await agent.enforce({ root: [authority.root], unidentified: "audit" });
    const program = connect();
    const { request } = await agent.question();
    await agent.module.answerProcess({ request, verdict: "none" });
    expect((await program.ended).stderr).to.match(CONNECTED);
  });

  it("asks again after exec", async () => {
    const target = "10.77.0.11/7";
    const curl = `exec curl -sS http://${target.replace("/", ":")}/`;
    const shell = start(["bash", "-c", `: 2>/dev/null </dev/tcp/${target}; ${curl}`]);
    const first = await agent.question();
    await agent.module.answerProcess({ request: first.request, verdict: "none" });
    const second = await agent.question();
    await agent.module.answerProcess({ request: second.request, verdict: "none" });
    await shell.ended;
    expect(first).to.include({ pid: shell.pid, exePath: "/usr/bin/bash" });
    expect(second).to.include({ pid: shell.pid, exePath: CURL });
    expect(second.generation > first.generation).to.equal(true);
  });

  it("asks again after a change of credentials", async () => {
    const target = `sockaddr_in(7, inet_aton("10.77.0.11"))`;
    const once = `socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, ${target});`;
    const perl = start(["perl", "-MSocket", "-e", `{${once}} $> = 1000; {${once}} {${once}}`], 0);
    const first = await agent.question();
    await agent.module.answerProcess({ request: first.request, verdict: "none" });
    const second = await agent.question();
    await agent.module.answerProcess({ request: second.request, verdict: "none" });
    await perl.ended;
    expect(first).to.include({ pid: perl.pid, uid: 0 });
    expect(second).to.include({ pid: perl.pid, uid: 1000, capabilities: 0n });
    // The third connection was answered from what was known.
    expect(agent.questions).to.deep.equal([]);
  });
});

/** A line of this network namespace's counters. */
function counter(name: string): number {
  const stat = readFileSync("/proc/net/signet_stat", "utf8");
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]);
}
