// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { Authority } from "./authority.js";
import { refused } from "./refused.js";
import {
  connect,
  CONNECTED,
  NO_KEY,
  TestAgent,
  TRUST_DOMAIN,
  type Question,
  type Request,
} from "./test-agent.js";

const STEPS = [
  "before it reads the question",
  "when it has read the question",
  "when it has answered",
  "when it has read the certificate request",
  "when it has installed a wrong certificate",
  "when it has said that it is at it",
] as const;

describe("an agent that dies", () => {
  const authority = new Authority("root of the living");
  let agent: TestAgent;

  before(async () => {
    agent = await TestAgent.register();
    await agent.enforce({ root: [authority.root] });
  });

  after(() => {
    agent.leave();
  });

  function answer({ request }: Question, spiffeId: string): Promise<void> {
    const verdict = { request, verdict: "identity", entryId: "e1" } as const;
    return agent.module.answerProcess({ ...verdict, spiffeId });
  }

  function install({ id, generation, csr }: Request, spiffeId: string): Promise<void> {
    const certificate = [authority.sign(csr, { id: spiffeId })];
    return agent.module.installSvid({ id, generation, certificate });
  }

  /** What an agent does up to a step of STEPS. */
  async function work(steps: number, id: string): Promise<void> {
    if (steps < 1) return;
    const question = await agent.question();
    if (steps < 2) return;
    await answer(question, id);
    if (steps < 3) return;
    const request = await agent.request();
    if (steps === 4) await refused(install(request, `${id}/other`), "EKEYREJECTED", /another/);
    if (steps === 5) {
      await agent.module.refuseSvid({
        id: request.id,
        generation: request.generation,
        refusal: "VAULT_UNAVAILABLE",
        pending: true,
      });
    }
  }

  for (const [index, step] of STEPS.entries()) {
    it(`${step} leaves the rest to the next one, and the program never knows`, async () => {
      const id = `spiffe://${TRUST_DOMAIN}/step${String(index)}`;
      const program = connect();
      await work(index, id);
      agent.leave();
      agent = await TestAgent.register();
      if (index < 2) await answer(await agent.question(), id);
      const request = await agent.request();
      expect(request).to.include({ spiffeId: id, generation: 1 });
      await install(request, id);
      expect((await program.ended).stderr).to.match(CONNECTED);
      expect(agent.questions, "no question twice").to.deep.equal([]);
      expect(agent.requests, "no request twice").to.deep.equal([]);
    });
  }

  it("in the middle of a policy takes what it has sent along, and nothing that was in force", async () => {
    const before = await agent.module.node();
    const revision = (before.revision ?? 0n) + 1n;
    await agent.module.changePolicy({
      part: "first",
      databaseEpoch: "epoch-1",
      revision,
      trustDomain: TRUST_DOMAIN,
      root: [authority.root],
    });
    agent.leave();
    agent = await TestAgent.register();
    await refused(agent.module.changePolicy({ part: "last" }), "ENODATA", /no change was begun/);
    expect((await agent.module.node()).revision).to.equal(before.revision);
    await agent.enforce({ root: [authority.root] });
    expect((await agent.module.node()).revision).to.equal(revision);
  });

  it("and whose certificate comes when its program has given up serves the next program", async () => {
    const id = `spiffe://${TRUST_DOMAIN}/late`;
    await agent.enforce({ root: [authority.root], handshakeTimeoutMs: 1000 });
    const impatient = connect();
    await answer(await agent.question(), id);
    const request = await agent.request();
    expect((await impatient.ended).stderr).to.match(NO_KEY);
    await install(request, id);
    await agent.enforce({ root: [authority.root] });
    const next = connect();
    await answer(await agent.question(), id);
    expect((await next.ended).stderr).to.match(CONNECTED);
    expect(agent.requests).to.deep.equal([]);
  });
});
