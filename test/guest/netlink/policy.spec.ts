// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type {
  PolicyChangeRequest,
  RevocationAttributes,
} from "../../../agent/src/netlink/family.generated.js";
import { mergePolicy } from "../../../agent/src/netlink/policy-items.js";
import { KernelPolicy } from "../../../agent/src/sync/kernel-policy.js";
import type { NodeState } from "../../../agent/src/sync/node-state.js";
import { itemsBeyond } from "../../../agent/src/sync/policy-items.js";
import { PolicyRefused } from "../../../agent/src/sync/refused-policy.js";
import { Authority } from "./authority.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { refused } from "./refused.js";
import { TestAgent, TRUST_DOMAIN } from "./test-agent.js";

const WEB = `spiffe://${TRUST_DOMAIN}/web`;
const CLIENT = `spiffe://${TRUST_DOMAIN}/client`;
const ADDRESS = Buffer.from([10, 0, 0, 1]);
const HEAD = { databaseEpoch: "epoch-1", revision: 7n, trustDomain: TRUST_DOMAIN };
const EMPTY_STATE: NodeState = {
  databaseEpoch: HEAD.databaseEpoch,
  revision: 8n,
  trustDomain: {
    name: TRUST_DOMAIN,
    meshCidrs: [],
    defaultDeny: true,
    unidentified: "UNIDENTIFIED_ACTION_DENY",
    exemptPorts: [],
  },
  bundle: { trustDomain: TRUST_DOMAIN, roots: [] },
  entries: [],
  rules: [],
  destinations: [],
  revocations: [],
};

describe("loading a policy", () => {
  const authority = new Authority("policy root");
  let agent: TestAgent;

  before(async () => {
    agent = await TestAgent.register();
  });

  after(() => {
    agent.leave();
  });

  const begin = (head: PolicyChangeRequest) =>
    agent.module.changePolicy({ ...head, part: "first" });
  const add = (items: PolicyChangeRequest) => agent.module.changePolicy({ part: "next", ...items });
  const commit = () => agent.module.changePolicy({ part: "last" });

  it("what was committed is what the kernel shows", async () => {
    const items = {
      root: [authority.root],
      meshCidr: [{ address: Buffer.from([10, 0, 0, 0]), prefixLength: 8 }],
      exemptPort: [22, 2222],
      rule: [{ subject: WEB, from: [CLIENT], port: [80, 443], policy: "web" }],
      destination: [
        { name: "web", range: [{ address: ADDRESS, prefixLength: 32, port: 80 }], identity: [WEB] },
      ],
      revocation: [
        { id: 1n, serial: "0badc0de" },
        { id: 2n, spiffeId: `spiffe://${TRUST_DOMAIN}/gone` },
      ],
    };
    await begin({ ...HEAD, defaultDeny: 1, unidentified: "audit" });
    await add(items);
    await commit();
    const shown = mergePolicy(await agent.module.policy());
    expect(shown).to.deep.include({ ...HEAD, defaultDeny: 1, unidentified: "audit", ...items });
    expect(shown).to.include({ maxSessionAgeS: 86_400, handshakeTimeoutMs: 10_000 });
    expect(await agent.module.node()).to.include(HEAD);
  });

  it("a revision never goes back, within a database epoch", async () => {
    await refused(begin({ ...HEAD, revision: 6n }), "ESTALE", /newer revision/);
    await begin({ ...HEAD, revision: 7n });
    await begin({ ...HEAD, databaseEpoch: "epoch-2", revision: 1n });
    await agent.module.abortPolicy();
  });

  it("a header that is wrong is refused with what is wrong", async () => {
    await refused(begin({}), "EINVAL", /needs database-epoch, revision and trust-domain/);
    await refused(begin({ ...HEAD, revision: 0n }), "EINVAL", /revision 0/);
    await refused(begin({ ...HEAD, trustDomain: "Test.Example" }), "EINVAL", /trust domain/);
    await refused(begin({ ...HEAD, trustDomain: "a/b" }), "EINVAL", /trust domain/);
    await refused(begin({ ...HEAD, trustDomain: "x".repeat(300) }), "EINVAL", /./);
    await refused(begin({ ...HEAD, defaultDeny: 2 }), "ERANGE", /out of range/);
  });

  const wrong: readonly [string, PolicyChangeRequest, string, RegExp][] = [
    ["a root that is no certificate", { root: [Buffer.from("no")] }, "EKEYREJECTED", /./],
    ["an address of 5 bytes", mesh(Buffer.alloc(5), 1), "EINVAL", /address of 4 or 16 bytes/],
    ["a prefix of 33 bits", mesh(ADDRESS, 33), "EINVAL", /prefix is longer than the address/],
    ["a prefix of 129 bits", mesh(Buffer.alloc(16), 129), "ERANGE", /./],
    ["a network with a port", { meshCidr: [{ address: ADDRESS, port: 1 }] }, "EINVAL", /no port/],
    ["an exempt port 0", { exemptPort: [0] }, "EINVAL", /port 0/],
    ["a rule without client", { rule: [{ subject: WEB }] }, "EINVAL", /at least one client/],
    ["a rule with a pattern", { rule: [{ subject: WEB, from: ["/x/*"] }] }, "EINVAL", /SPIFFE ID/],
    ["an ID with ..", { rule: [{ subject: `${WEB}/..`, from: [WEB] }] }, "EINVAL", /SPIFFE ID/],
    ["a rule for port 0", { rule: [{ subject: WEB, from: [WEB], port: [0] }] }, "EINVAL", /port 0/],
    ["a destination without range", { destination: [{ identity: [WEB] }] }, "EINVAL", /one range/],
    ["a revocation of nothing", { revocation: [{ id: 1n }] }, "EINVAL", /either a serial number/],
    [
      "a revocation of two things",
      { revocation: [{ id: 1n, serial: "aa", spiffeId: WEB }] },
      "EINVAL",
      /either a serial number/,
    ],
    ["a serial in capitals", { revocation: [{ id: 1n, serial: "AA" }] }, "EINVAL", /./],
    ["half an octet", { revocation: [{ id: 1n, serial: "abc" }] }, "EINVAL", /./],
  ];

  for (const [what, items, errno, words] of wrong) {
    it(`${what} is refused, and all that was begun with it`, async () => {
      await begin({ ...HEAD, revision: 8n });
      await refused(add(items), errno, words);
      if (errno === "ERANGE") await agent.module.abortPolicy();
      await refused(commit(), "ENODATA", /no change was begun/);
      expect((await agent.module.node()).revision).to.equal(7n);
    });
  }

  it("a policy without a root is refused", async () => {
    await begin({ ...HEAD, revision: 8n });
    await refused(commit(), "EINVAL", /at least one root/);
    await begin({ ...HEAD, revision: 8n });
    await refused(add({ root: Array(17).fill(authority.root) as Buffer[] }), "E2BIG", /16 roots/);
  });

  it("a rule and a destination far above 64 KiB come back from a dump as they went in", async () => {
    const name = (i: number) => `${CLIENT}/${"x".repeat(200)}/${String(i)}`;
    const addresses = Array.from({ length: 5000 }, (_, i) => ({
      address: Buffer.from([10, 1, i >> 8, i & 0xff]),
      prefixLength: 32,
      port: 80,
    }));
    const from = Array.from({ length: 5000 }, (_, i) => name(i));
    const ports = Array.from({ length: 100 }, (_, i) => 1 + i);
    const identities = from.slice(0, 3);
    const parts = itemsBeyond(
      {
        ...EMPTY_STATE,
        bundle: { trustDomain: TRUST_DOMAIN, roots: [authority.root] },
        rules: [
          { subject: WEB, from, ports: [443], policy: "large" },
          { subject: CLIENT, from: [WEB], ports, policy: "after it" },
        ],
        destinations: [
          { name: "large", addresses, identities },
          { name: "after it", addresses: addresses.slice(0, 1), identities: [WEB] },
        ],
      },
      {},
    );
    await begin({ ...HEAD, revision: 8n });
    for (const part of parts) await add(part);
    await commit();
    const { rule, destination } = mergePolicy(await agent.module.policy());
    expect(rule).to.deep.equal([
      { subject: WEB, from, port: [443], policy: "large" },
      { subject: CLIENT, from: [WEB], port: ports, policy: "after it" },
    ]);
    expect(destination).to.deep.equal([
      { name: "large", range: addresses, identity: identities },
      { name: "after it", range: addresses.slice(0, 1), identity: [WEB] },
    ]);
  });

  it("a rule that goes on is not in force before its end, and nothing else comes between", async () => {
    const begun = { subject: WEB, from: [CLIENT], more: true };
    const next = { ...HEAD, revision: 9n };
    await begin(next);
    await add({ root: [authority.root], rule: [begun] });
    await refused(commit(), "EINVAL", /isn't complete/);
    await begin(next);
    await add({ rule: [begun] });
    await refused(add({ rule: [begun] }), "EINVAL", /isn't complete/);
    await begin(next);
    await refused(add({ rule: [{ from: [CLIENT] }] }), "EINVAL", /a subject/);
    const nowhere = { name: "d", identity: [WEB], more: true };
    await begin(next);
    await refused(add({ destination: [nowhere, nowhere] }), "EINVAL", /complete/);
  });

  it("what is at fault is told by its name, in whichever part it is", async () => {
    const from = Array.from({ length: 500 }, (_, i) => `${CLIENT}/${"x".repeat(100)}/${String(i)}`);
    const good = { subject: WEB, from, ports: [], policy: "good" };
    const state = {
      ...EMPTY_STATE,
      bundle: { trustDomain: TRUST_DOMAIN, roots: [authority.root] },
      rules: [good, { ...good, from: [...from, "/x/*"], policy: "bad" }],
    };
    const error: unknown = await new KernelPolicy(agent.module, silentLog)
      .enforce(state)
      .catch((e: unknown) => e);
    expect(error)
      .to.be.instanceOf(PolicyRefused)
      .with.property("message")
      .that.matches(/^The kernel refuses a rule of the access policy "bad" for .*not a SPIFFE ID/);
    await refused(commit(), "ENODATA", /no change was begun/);
  });

  it("ten thousand rules come back from a dump as they went in", async () => {
    await begin({ ...HEAD, revision: 9n });
    await add({ root: [authority.root] });
    for (let batch = 0; batch < 100; batch++) {
      const rule = Array.from({ length: 100 }, (_, i) => ({
        subject: WEB,
        from: [`${CLIENT}-${String(batch * 100 + i)}`],
        port: [1 + i],
        policy: "many",
      }));
      await add({ rule });
    }
    await commit();
    const { rule } = mergePolicy(await agent.module.policy());
    expect(rule).to.have.length(10_000);
    expect(new Set(rule?.map(({ from }) => from?.[0])).size).to.equal(10_000);
  });

  it("revocations are added, or refused, all of a message", async () => {
    const revoke = (revocation: readonly RevocationAttributes[]) =>
      agent.module.changePolicy({ revocation });
    const good = { id: 4n, serial: "04" };
    await refused(revoke([good, { id: 1n, serial: "xy" }]), "EINVAL", /neither a serial number/);
    await revoke([
      { id: 5n, serial: "0102" },
      { id: 6n, spiffeId: CLIENT },
    ]);
    const { revocation } = mergePolicy(await agent.module.policy());
    expect(revocation?.map(({ id }) => id)).to.deep.equal([5n, 6n]);
  });
});

function mesh(address: Buffer, prefixLength: number): PolicyChangeRequest {
  return { meshCidr: [{ address, prefixLength }] };
}
