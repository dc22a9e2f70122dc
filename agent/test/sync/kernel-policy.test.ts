// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { messages } from "@signet/contract";
import { applyUpdate } from "../../src/sync/apply.js";
import { KernelPolicy } from "../../src/sync/kernel-policy.js";
import type { NodeState } from "../../src/sync/node-state.js";
import { PolicyRefused } from "../../src/sync/refused-policy.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { Errno, FakeKernel } from "./fake-kernel.js";
import { ban, snapshot, update } from "./states.js";

function stateOf(revision: number, content: Partial<messages.Snapshot> = {}): NodeState {
  const step = applyUpdate(undefined, update(revision, { snapshot: snapshot(content) }), undefined);
  if (step === undefined) throw new Error("a snapshot changes something");
  return step.state;
}

const web = snapshot().rules;
const many = Array.from({ length: 300 }, (_, i) => ({
  subject: "spiffe://demo.test/web",
  from: [`spiffe://demo.test/client-${String(i)}`],
  ports: [80],
  policy: "many",
}));

function setUp() {
  const kernel = new FakeKernel();
  const logged: unknown[] = [];
  const log = {
    ...silentLog,
    error: ({ revocation }: { revocation: string }) => logged.push(revocation),
  };
  return { kernel, logged, policy: new KernelPolicy(kernel, log) };
}

describe("a policy in the kernel", () => {
  it("begins with nothing, as nobody knows what is there", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1, { revocations: [ban("1", "/x")] }));
    expect(kernel.told).to.deep.equal([
      "first →1",
      "+revocation",
      "last +root +meshCidr +exemptPort +rule +destination",
    ]);
    expect(kernel.inForce.revision).to.equal(1n);
    expect(kernel.inForce.revocations).to.deep.equal(["1 spiffe://demo.test/x"]);
  });

  it("is changed from then on, by as little as what changes", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1, { rules: many }));
    kernel.told.length = 0;
    await policy.enforce(stateOf(2, { rules: many.slice(1) }));
    await policy.enforce(stateOf(3, { rules: [...many.slice(1), ...web] }));
    await policy.enforce(stateOf(4, { rules: many }));
    await policy.enforce(stateOf(5, { rules: many }));
    expect(kernel.told).to.deep.equal([
      "1→2 -rule",
      "2→3 +rule",
      "first 3→4 -rule",
      "last +rule",
      "4→5",
    ]);
    const { kernel: other, policy: at } = setUp();
    await at.enforce(stateOf(5, { rules: many }));
    const sorted = ({ inForce: { items } }: FakeKernel) => [...items.rule].sort();
    expect(sorted(kernel)).to.deep.equal(sorted(other));
  });

  it("is told each revocation once, ahead of the rest, and each end of one", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1));
    kernel.told.length = 0;
    await policy.enforce(stateOf(2, { revocations: [ban("1", "/x"), ban("2", "/x")], rules: [] }));
    await policy.enforce(stateOf(3, { revocations: [ban("2", "/x")], rules: [] }));
    expect(kernel.told).to.deep.equal(["+revocation", "1→2 -rule", "2→3 -revocation"]);
    expect(kernel.inForce.revocations).to.deep.equal(["2 spiffe://demo.test/x"]);
  });

  it("that was refused is the one before, with the new revocations, and goes on from it", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1));
    kernel.refuses = ({ base }) => (base === undefined ? undefined : Errno.EINVAL);
    const error: unknown = await policy
      .enforce(stateOf(2, { revocations: [ban("1", "/x")], rules: [] }))
      .catch((e: unknown) => e);
    expect(error).to.be.instanceOf(PolicyRefused);
    expect(kernel.inForce).to.deep.include({
      revision: 1n,
      revocations: ["1 spiffe://demo.test/x"],
    });
    kernel.refuses = () => undefined;
    kernel.told.length = 0;
    await policy.enforce(stateOf(3));
    expect(kernel.told).to.deep.equal(["1→3 -revocation"]);
    expect(kernel.inForce.revocations).to.deep.equal([]);
  });

  it("is replaced when its answer was lost, or another changed it", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1));
    const other = new KernelPolicy(kernel, silentLog);
    await other.enforce(stateOf(2, { rules: [] }));
    const error: unknown = await policy.enforce(stateOf(3)).catch((e: unknown) => e);
    expect(error).to.have.property("code", "NETLINK_REFUSED");
    kernel.told.length = 0;
    await policy.enforce(stateOf(3));
    expect(kernel.told[0]).to.equal("first →3");
    expect(kernel.inForce.items.rule).to.have.length(1);
  });

  it("is replaced when the signer has another database", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(7, { revocations: [ban("1", "/x")] }));
    kernel.told.length = 0;
    const next = { ...stateOf(1, { revocations: [ban("1", "/y")] }), databaseEpoch: "epoch-2" };
    await policy.enforce(next);
    expect(kernel.told[0]).to.equal("first →1");
    expect(kernel.inForce.revocations).to.deep.equal(["1 spiffe://demo.test/y"]);
  });

  it("has the revocations of one that can't even begin", async () => {
    const { kernel, policy } = setUp();
    kernel.refuses = ({ part }) => (part === "first" ? Errno.EINVAL : undefined);
    const error: unknown = await policy
      .enforce(stateOf(1, { revocations: [ban("1", "/x")] }))
      .catch((e: unknown) => e);
    expect(error).to.be.instanceOf(PolicyRefused);
    expect(kernel.inForce.revocations).to.deep.equal(["1 spiffe://demo.test/x"]);
  });
});

describe("revocations for the kernel", () => {
  const bans = (count: number) =>
    Array.from({ length: count }, (_, i) => ban(String(i), "/x".repeat(500)));

  it("are taken, but for those that it refuses for what they say", async () => {
    const { kernel, logged, policy } = setUp();
    kernel.refuses = ({ revocation = [] }) =>
      revocation.some(({ id }) => id === 2n || id === 79n) ? Errno.EINVAL : undefined;
    const all = bans(80);
    await policy.revoke(all);
    const taken = all.filter((revocation) => policy.took(revocation));
    const sound = all.filter(({ id }) => id !== "2" && id !== "79");
    expect(taken).to.deep.equal(sound);
    expect(kernel.inForce.revocations).to.have.length(78);
    expect(logged).to.deep.equal(["2", "79"]);
  });

  it("are a reason to refuse the state that has one that is refused", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1));
    kernel.refuses = ({ revocation = [] }) =>
      revocation.some(({ id }) => id === 2n) ? Errno.EINVAL : undefined;
    const error: unknown = await policy
      .enforce(stateOf(2, { revocations: bans(4) }))
      .catch((e: unknown) => e);
    expect(error).to.be.instanceOf(PolicyRefused);
    expect(kernel.inForce.revision).to.equal(1n);
    expect(kernel.inForce.revocations).to.have.length(3);
  });

  it("are tried again, all of them, when the kernel had no memory for one", async () => {
    const { kernel, logged, policy } = setUp();
    kernel.refuses = ({ revocation = [] }) =>
      revocation.some(({ id }) => id === 2n) ? Errno.ENOMEM : undefined;
    await policy.enforce(stateOf(1));
    const error: unknown = await policy.revoke(bans(80)).catch((e: unknown) => e);
    expect(error).to.have.property("code", "NETLINK_REFUSED");
    expect(logged).to.deep.equal([]);
  });

  it("that were lifted before they were tried again are lifted in the kernel", async () => {
    const { kernel, policy } = setUp();
    await policy.enforce(stateOf(1));
    kernel.refuses = ({ revocation = [] }) =>
      revocation.some(({ id }) => id === 79n) ? Errno.ENOMEM : undefined;
    const error: unknown = await policy.revoke(bans(80)).catch((e: unknown) => e);
    expect(error).to.have.property("code", "NETLINK_REFUSED");
    expect(kernel.inForce.revocations).not.to.have.length(0);
    kernel.refuses = () => undefined;
    await policy.enforce(stateOf(2));
    expect(kernel.inForce.revocations).to.deep.equal([]);
  });
});
