// SPDX-License-Identifier: Apache-2.0
// An agent that gets one program an identity and a certificate, says what request it was given, and
// lives on until its standard input ends.
import { once } from "node:events";
import { Authority } from "./netlink/authority.js";
import { connect, TestAgent, TRUST_DOMAIN } from "./netlink/test-agent.js";

const spiffeId = `spiffe://${TRUST_DOMAIN}/watched`;
const authority = new Authority("root of the watched");
const agent = await TestAgent.register();
await agent.enforce({ root: [authority.root] });
const program = connect();
const { request } = await agent.question();
await agent.module.answerProcess({ request, verdict: "identity", spiffeId, entryId: "watched" });
const { id, generation, csr } = await agent.request();
const certificate = [authority.sign(csr, { id: spiffeId })];
await agent.module.installSvid({ id, generation, certificate });
const { stderr } = await program.ended;
await agent.module.identities();
console.log(
  JSON.stringify({ pid: process.pid, csr: csr.toString("hex"), identity: spiffeId, stderr }),
);
await once(process.stdin.resume(), "end");
agent.leave();
