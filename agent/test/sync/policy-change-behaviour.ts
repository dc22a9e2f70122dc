// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { PolicyChangeRequest } from "../../src/netlink/family.generated.js";
import { refusedWith } from "../../src/netlink/refusal.js";
import type { PolicyTarget } from "../../src/sync/kernel-policy.js";
import { textOf, type InForce } from "./fake-kernel.js";

/** A kernel, and what is in force in it. */
export interface ShownKernel {
  readonly kernel: PolicyTarget;
  readonly inForce: () => Promise<InForce>;
}

const ID = "spiffe://test.example";
const rule = (client: string) => ({
  subject: `${ID}/web`,
  from: [`${ID}/${client}`],
  port: [80],
  policy: "web",
});
const place = (host: number) => ({ address: Buffer.from([10, 0, 0, host]), prefixLength: 32 });
const destination = (host: number) => ({
  name: "web",
  range: [place(host)],
  identity: [`${ID}/web`],
});

/**
 * How a kernel takes changes of policy: the fake one of the agent's tests, and the real one.
 *
 * @param open A kernel, whatever is in force in it.
 */
export function changesOfPolicy(root: Buffer, open: () => Promise<ShownKernel>): void {
  let kernel: PolicyTarget;
  let inForce: ShownKernel["inForce"];
  let revision = 0n;
  before(async () => {
    ({ kernel, inForce } = await open());
  });

  const head = (): PolicyChangeRequest => ({
    databaseEpoch: "epoch-1",
    revision: ++revision,
    trustDomain: "test.example",
  });
  /** Begins with nothing, so that what was before doesn't matter. */
  const load = (items: PolicyChangeRequest) =>
    kernel.changePolicy({ ...head(), root: [root], ...items });
  const change = (items: PolicyChangeRequest) =>
    kernel.changePolicy({ ...head(), base: revision - 1n, ...items });
  const shown = async () => (await inForce()).items;
  const revoked = async () => (await inForce()).revocations;
  const refused = async (request: Promise<unknown>, errno: string) => {
    const error: unknown = await request.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(refusedWith(error)).to.equal(errno);
  };
  const serial = (id: bigint, text = "0badc0de") => ({ id, serial: text });

  beforeEach(async () => {
    ({ revision } = await inForce());
  });

  it("answer with what is in force", async () => {
    const reply = await load({});
    expect(reply).to.deep.equal({ databaseEpoch: "epoch-1", revision, ending: 0 });
    expect(await kernel.changePolicy({})).to.deep.equal(reply);
    const staged = await change({ part: "first" });
    expect(staged.revision).to.equal(revision - 1n);
    await kernel.abortPolicy();
  });

  it("keep what they don't name, and take out what they name", async () => {
    const meshCidr = [place(0), place(1)];
    const items = {
      meshCidr,
      exemptPort: [22, 23],
      rule: [rule("a"), rule("b"), rule("c")],
      destination: [destination(1), destination(2)],
    };
    await load(items);
    await change({ part: "first", remove: true, rule: [rule("b")], exemptPort: [22] });
    await kernel.changePolicy({
      part: "next",
      remove: true,
      destination: [destination(1)],
      meshCidr: [place(1)],
    });
    expect(await shown()).to.deep.equal(textOf({ root: [root], ...items }));
    await kernel.changePolicy({ part: "last", rule: [rule("d"), rule("b")] });
    expect(await shown()).to.deep.equal(
      textOf({
        root: [root],
        meshCidr: [place(0)],
        exemptPort: [23],
        rule: [rule("a"), rule("c"), rule("d"), rule("b")],
        destination: [destination(2)],
      }),
    );
  });

  it("may say nothing but the revision", async () => {
    await load({ rule: [rule("a")] });
    const { revision: now } = await change({});
    expect(now).to.equal(revision);
    expect((await shown()).rule).to.have.length(1);
  });

  it("begin with nothing when they name no base", async () => {
    await load({ rule: [rule("a")] });
    await load({ rule: [rule("b")] });
    expect((await shown()).rule).to.deep.equal(textOf({ rule: [rule("b")] }).rule);
  });

  it("are refused when another revision or epoch is in force than their base", async () => {
    await load({ rule: [rule("a")] });
    const stale = { ...head(), base: revision - 2n };
    await refused(kernel.changePolicy(stale), "ESTALE");
    const foreign = { ...head(), databaseEpoch: "epoch-2", base: revision - 2n };
    await refused(kernel.changePolicy(foreign), "ESTALE");
    revision = 0n;
    await refused(load({}), "ESTALE");
    expect((await shown()).rule).to.have.length(1);
  });

  for (const [what, wrong, errno] of [
    ["remove what isn't there", { remove: true, rule: [rule("b")] }, "ENOENT"],
    ["remove one of which a word is another", { remove: true, exemptPort: [23] }, "ENOENT"],
    ["leave no root", { remove: true, root: [root] }, "EINVAL"],
  ] as const) {
    it(`are refused as a whole when they ${what}`, async () => {
      await load({ rule: [rule("a")], exemptPort: [22] });
      await change({ part: "first", remove: true, rule: [rule("a")] });
      const request = { part: "next", ...wrong } as PolicyChangeRequest;
      await refused(
        kernel
          .changePolicy(request)
          .then(() => kernel.changePolicy({ part: "last", rule: [rule("c")] })),
        errno,
      );
      expect(await shown()).to.deep.equal(
        textOf({ root: [root], rule: [rule("a")], exemptPort: [22] }),
      );
      await refused(kernel.changePolicy({ part: "last" }), "ENODATA");
    });
  }

  it("remove first, and only from what is in force", async () => {
    await load({ rule: [rule("a")] });
    await change({ part: "first", rule: [rule("b")] });
    await refused(kernel.changePolicy({ part: "last", remove: true, rule: [rule("a")] }), "EINVAL");
    await refused(load({ remove: true }), "EINVAL");
  });

  it("say what isn't an item in their first message", async () => {
    await load({});
    await change({ part: "first" });
    await refused(kernel.changePolicy({ part: "last", ...head() }), "EINVAL");
  });

  it("revoke at once, while a policy is sent, and whatever becomes of it", async () => {
    await load({});
    await change({ part: "first", rule: [rule("a")], revocation: [serial(1n)] });
    await kernel.changePolicy({ revocation: [serial(2n)] });
    expect(await revoked()).to.deep.equal(["1 0badc0de", "2 0badc0de"]);
    await kernel.changePolicy({ part: "last" });
    expect((await shown()).rule).to.have.length(1);
    await refused(
      change({ remove: true, rule: [rule("b")] }).then(() => undefined),
      "ENOENT",
    );
    await refused(kernel.changePolicy({ ...head(), base: 1n, revocation: [serial(3n)] }), "ESTALE");
    expect(await revoked()).to.deep.equal(["1 0badc0de", "2 0badc0de", "3 0badc0de"]);
  });

  it("lift what is named in all its words, with the policy", async () => {
    await load({ revocation: [serial(1n), serial(2n), { id: 3n, spiffeId: `${ID}/a` }] });
    const gone = [serial(1n), serial(2n, "0a"), { id: 4n, spiffeId: `${ID}/a` }];
    await change({ part: "first", remove: true, revocation: gone });
    expect(await revoked()).to.have.length(3);
    await kernel.changePolicy({ part: "last" });
    expect(await revoked()).to.deep.equal(["2 0badc0de", `3 ${ID}/a`]);
  });

  it("that begin with nothing lift what they didn't name, when they hold", async () => {
    await load({ revocation: [serial(1n), serial(2n)] });
    const first = { ...head(), part: "first", root: [root] } as const;
    await kernel.changePolicy(first);
    await kernel.changePolicy({ revocation: [serial(2n), serial(3n)] });
    expect(await revoked()).to.have.length(3);
    await kernel.abortPolicy();
    expect(await revoked()).to.have.length(3);
    await kernel.changePolicy({ ...first, revocation: [serial(4n)] });
    await kernel.changePolicy({ revocation: [serial(3n)] });
    await kernel.changePolicy({ part: "last" });
    expect(await revoked()).to.deep.equal(["3 0badc0de", "4 0badc0de"]);
  });
}
