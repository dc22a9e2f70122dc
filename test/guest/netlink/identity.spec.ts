// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { IdentityGetReply } from "../../../agent/src/netlink/family.generated.js";
import { Authority } from "./authority.js";
import { refused } from "./refused.js";
import {
  connect,
  CONNECTED,
  NO_KEY,
  TestAgent,
  TRUST_DOMAIN,
  type Program,
  type Request,
} from "./test-agent.js";

const ID = `spiffe://${TRUST_DOMAIN}/web`;

describe("the certificate of an identity", () => {
  const authority = new Authority("identity root");
  const stranger = new Authority("another root");
  let agent: TestAgent;

  before(async () => {
    agent = await TestAgent.register();
    await agent.enforce({ root: [authority.root] });
  });

  after(() => {
    agent.leave();
  });

  /** A process of the identity connects; answered, so that it waits for a certificate. */
  async function identified(id = ID): Promise<Program> {
    const program = connect();
    const { request } = await agent.question();
    await agent.module.answerProcess({ request, verdict: "identity", spiffeId: id, entryId: "e1" });
    return program;
  }

  async function shown(id = ID): Promise<IdentityGetReply | undefined> {
    return (await agent.module.identities()).find(({ spiffeId }) => spiffeId === id);
  }

  function install(request: Request, ...certificate: Buffer[]): Promise<void> {
    const { id, generation } = request;
    return agent.module.installSvid({ id, generation, certificate });
  }

  it("is asked for when it is first wanted, with a good request for that ID alone", async () => {
    const program = await identified();
    const request = await agent.request();
    expect(request).to.include({ spiffeId: ID, entryId: "e1", generation: 1 });
    const text = authority.describe(request.csr);
    expect(text).to.match(/ASN1 OID: prime256v1/);
    expect(text.match(/URI:/g)).to.have.length(1);
    expect(text).to.include(`URI:${ID}`);
    expect(await shown()).to.include({ pending: true, generation: 1 });

    for (const [errno, words, chain] of [
      ["EKEYREJECTED", /another SPIFFE ID/, authority.sign(request.csr, { id: `${ID}2` })],
      ["EKEYREJECTED", /./, authority.sign(request.csr, { id: "spiffe://other.example/web" })],
      ["EKEYREJECTED", /another key/, authority.sign(request.csr, { id: ID, otherKey: true })],
      ["ENOKEY", /not end at a root/, stranger.sign(request.csr, { id: ID })],
      ["EKEYREJECTED", /well-formed/, authority.sign(request.csr, { id: ID, days: -1 })],
      ["EKEYEXPIRED", /has expired/, authority.sign(request.csr, { id: ID, inDays: -2 })],
      ["EAGAIN", /not yet valid/, authority.sign(request.csr, { id: ID, inDays: 2 })],
      [
        "EKEYREJECTED",
        /./,
        authority.sign(request.csr, { id: ID, extensions: "keyUsage=critical,keyCertSign" }),
      ],
      ["EKEYREJECTED", /./, Buffer.from("not DER")],
    ] as const) {
      await refused(install(request, chain), errno, words);
    }
    const { id, generation } = request;
    await agent.module.refuseSvid({ id, generation, refusal: "SVID_CHAIN", pending: true });
    expect(await shown()).to.include({ pending: true, refusal: "SVID_CHAIN" });
    const leaf = authority.sign(request.csr, { id: ID });
    await refused(install({ ...request, generation: 2 }, leaf), "ESTALE", /no key of this gen/);
    await refused(install({ ...request, id: 9999 }, leaf), "ENOENT", /no such identity/);
    await refused(install(request), "EINVAL", /certificate is missing/);
    await refused(install(request, leaf, leaf, leaf, leaf, leaf), "E2BIG", /at most 4/);
    expect((await shown())?.serial).to.equal(undefined);

    await install(request, leaf);
    expect((await program.ended).stderr).to.match(CONNECTED);
    const identity = await shown();
    expect(identity).to.include({ generation: 1, spiffeId: ID });
    expect(identity?.pending ?? false).to.equal(false);
    expect(identity?.refusal).to.equal(undefined);
    expect(identity?.certificate).to.deep.equal([leaf]);
    expect(identity?.serial).to.match(/^7[0-9a-f]{13}$/);
    expect(identity?.notAfter).to.be.a("bigint");
    await refused(install(request, leaf), "ESTALE", /no key of this generation/);
  });

  it("is shared by processes of the identity, without another request", async () => {
    expect((await (await identified()).ended).stderr).to.match(CONNECTED);
    expect(agent.requests).to.deep.equal([]);
  });

  it("outlives the agent", async () => {
    const before = await shown();
    agent.leave();
    agent = await TestAgent.register();
    expect(await shown()).to.deep.equal(before);
  });

  it("is renewed with a new key, while the old one serves", async () => {
    const before = await shown();
    const id = before?.id ?? 0;
    await agent.module.renewSvid(id);
    const request = await agent.request();
    expect(request).to.include({ id, generation: 2 });
    await refused(agent.module.renewSvid(id), "EALREADY", /waits for its certificate/);
    expect(await agent.request(), "sent again, as it may have got lost").to.deep.equal(request);
    await refused(agent.module.renewSvid(9999), "ENOENT", /no such identity/);
    expect(await shown()).to.include({ serial: before?.serial, generation: 1, pending: true });
    const old = authority.sign(request.csr, { id: ID });
    await install(request, old);
    expect(await shown()).to.include({ generation: 2 });
    expect((await shown())?.serial).not.to.equal(before?.serial);
  });

  it("is asked for again by the next agent when the last left it", async () => {
    await agent.module.renewSvid((await shown())?.id ?? 0);
    const first = await agent.request();
    agent.leave();
    agent = await TestAgent.register();
    const second = await agent.request();
    expect(second).to.deep.equal(first);
    const { id, generation } = second;
    await refused(agent.module.refuseSvid({ id, generation }), "EINVAL", /refusal is missing/);
    await agent.module.refuseSvid({ id, generation, refusal: "VAULT_UNAVAILABLE" });
    expect(await shown()).to.include({ refusal: "VAULT_UNAVAILABLE", generation: 2 });
  });

  it("when refused, programs are told at once, until something changes", async () => {
    const id = `spiffe://${TRUST_DOMAIN}/refused`;
    const program = await identified(id);
    const request = await agent.request();
    await agent.module.refuseSvid({
      id: request.id,
      generation: request.generation,
      refusal: "ENTRY_NOT_FOUND",
      retryAfterMs: 0,
    });
    expect((await program.ended).stderr).to.match(NO_KEY);
    expect((await (await identified(id)).ended).stderr).to.match(NO_KEY);
    expect(agent.requests).to.deep.equal([]);
    await agent.enforce({ root: [authority.root] });
    const again = await identified(id);
    const second = await agent.request();
    await install(second, authority.sign(second.csr, { id }));
    expect((await again.ended).stderr).to.match(CONNECTED);
  });

  it("that no root vouches for is taken when its root has come", async () => {
    const id = `spiffe://${TRUST_DOMAIN}/early`;
    const program = await identified(id);
    const request = await agent.request();
    const leaf = stranger.sign(request.csr, { id });
    await refused(install(request, leaf), "ENOKEY", /not end at a root/);
    await agent.enforce({ root: [authority.root, stranger.root] });
    await install(request, leaf);
    expect((await program.ended).stderr).to.match(CONNECTED);
  });

  it("that is revoked is of no use, nor is one that a ban names", async () => {
    const serial = (await shown())?.serial ?? "";
    await agent.module.changePolicy({ revocation: [{ id: 1n, serial }] });
    expect(await shown()).to.include({ revoked: true });
    const program = await identified();
    const request = await agent.request();
    await install(request, authority.sign(request.csr, { id: ID }));
    expect((await program.ended).stderr).to.match(CONNECTED);
    await agent.module.changePolicy({ revocation: [{ id: 2n, spiffeId: ID }] });
    expect((await (await identified()).ended).stderr).to.match(/Key has been revoked/);
  });
});
