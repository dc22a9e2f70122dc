// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { messages } from "@signet/contract";
import { expect } from "chai";
import { FaultyState } from "../../src/sync/apply.js";
import { PolicyRefused } from "../../src/sync/refused-policy.js";
import { SnapshotFile } from "../../src/sync/snapshot-file.js";
import { StateStore } from "../../src/sync/state-store.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { Errno, FakeKernel } from "./fake-kernel.js";
import { ban, change, entry, makeRoot, ROOT, snapshot, update } from "./states.js";

describe("the state of a node", () => {
  let folder: string;
  let kernel: FakeKernel;
  let steps: { entriesChanged: boolean; revoked: number }[];
  let stepError: Error | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-store-"));
    kernel = new FakeKernel();
    steps = [];
    stepError = undefined;
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function newStore(): StateStore {
    return new StateStore({
      module: kernel,
      file: new SnapshotFile(join(folder, "snapshot.json")),
      onStep: ({ entriesChanged, revoked }) => {
        steps.push({ entriesChanged, revoked: revoked.length });
        kernel.told.push("step");
        return stepError === undefined ? Promise.resolve() : Promise.reject(stepError);
      },
      log: silentLog,
    });
  }

  /** From now on, and of each change of a policy that was put in force before. */
  const refuse = (errno: number | undefined) => {
    kernel.refuses = ({ base }) => (base === undefined ? undefined : errno);
  };
  /** What the kernel was told since it was asked last. */
  const told = () => kernel.told.splice(0);
  const WHOLE = "last +root +meshCidr +exemptPort +rule +destination";

  it("is put into the kernel, revocations first", async () => {
    const store = newStore();
    await store.apply(update(1, { snapshot: snapshot() }));
    expect(told()).to.deep.equal(["first →1", WHOLE, "step"]);
    told();
    await store.apply(update(2, { change: change({ revocationsAdded: [ban("1", "/web")] }) }));
    expect(told()).to.deep.equal(["+revocation", "1→2", "step"]);
    expect(store.current?.revision).to.equal(2n);
  });

  it("stays what it was when the kernel refuses", async () => {
    const store = newStore();
    await store.apply(update(1, { snapshot: snapshot() }));
    told();
    refuse(Errno.EINVAL);
    const error: unknown = await store
      .apply(update(2, { snapshot: snapshot() }))
      .catch((e: unknown) => e);
    expect(error).to.include({ code: "NETLINK_REFUSED" });
    expect(told()).to.deep.equal(["1→2", "abort"]);
    expect(store.current?.revision).to.equal(1n);
    refuse(undefined);
    const restarted = newStore();
    await restarted.restore({});
    expect(restarted.current?.revision).to.equal(1n);
  });

  it("waits for the signer's next word when the kernel refuses what it says", async () => {
    const store = newStore();
    await store.apply(update(1, { snapshot: snapshot() }));
    refuse(Errno.E2BIG);
    const refused = async (next: messages.SyncUpdate) => {
      told();
      const error: unknown = await store.apply(next).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(PolicyRefused).with.property("code", "NETLINK_REFUSED");
    };
    await refused(update(2, { change: change({ entriesSet: [entry("b")] }) }));
    expect(told()).to.deep.equal(["1→2", "abort"]);
    expect(store.told?.revision).to.equal(2n);
    told();
    await store.apply(update(2, { heartbeat: {} }));
    await store.apply(update(2, { change: change({ entriesSet: [entry("b")] }) }));
    expect(told(), "asked again though nothing changed").to.deep.equal([]);

    const revocationsAdded = [ban("1", "/web")];
    await refused(update(3, { change: change({ revocationsAdded }) }));
    expect(told()).to.deep.equal(["+revocation", "1→3", "abort"]);
    expect(store.current?.revision, "what holds").to.equal(1n);

    refuse(undefined);
    told();
    steps = [];
    await store.apply(update(4, { change: change({ destinations: { destinations: [] } }) }));
    expect(told()).to.deep.equal(["1→4 -destination", "step"]);
    expect(steps, "what was refused before holds now").to.deep.equal([
      { entriesChanged: true, revoked: 1 },
    ]);
    expect(store.current?.entries.map(({ id }) => id)).to.deep.equal(["web", "b"]);
    expect(store.told).to.equal(store.current);
  });

  it("takes sound revocations from a state that has a fault, and what mends it", async () => {
    const store = newStore();
    await store.apply(update(1, { snapshot: snapshot() }));
    told();
    const nowhere = { name: "", addresses: [], identities: ["spiffe://demo.test/web"] };
    const unsound = { ...ban("2", "/b"), spiffeId: "spiffe://other.test/b" };
    const faulty = change({
      destinations: { destinations: [nowhere] },
      revocationsAdded: [ban("1", "/a"), unsound],
    });
    const error: unknown = await store
      .apply(update(2, { change: faulty }))
      .catch((e: unknown) => e);
    expect(error).to.be.instanceOf(FaultyState).with.property("code", "SYNC_REFUSED");
    expect(told()).to.deep.equal(["+revocation"]);
    expect(store.current?.revision).to.equal(1n);
    const mended = change({ destinations: { destinations: [] }, revocationsRemoved: ["2"] });
    await store.apply(update(3, { change: mended }));
    expect(told()).to.deep.equal(["1→3 -destination", "step"]);
    expect(store.current?.revocations.map(({ id }) => id)).to.deep.equal(["1"]);
  });

  it("has the revocations of those that were refused after it, and after a restart", async () => {
    const store = newStore();
    await store.apply(update(1, { snapshot: snapshot() }));
    refuse(Errno.E2BIG);
    const refusedByKernel = change({ revocationsAdded: [ban("1", "/a")] });
    const first: unknown = await store
      .apply(update(2, { change: refusedByKernel }))
      .catch((e: unknown) => e);
    expect(first).to.be.instanceOf(PolicyRefused);
    const faulty = change({
      entriesSet: [entry("x", "/signet/node/x")],
      revocationsAdded: [ban("2", "/b")],
    });
    const second: unknown = await store
      .apply(update(3, { change: faulty }))
      .catch((e: unknown) => e);
    expect(second).to.be.instanceOf(FaultyState);
    refuse(undefined);
    const restarted = newStore();
    await restarted.restore({});
    expect(restarted.current?.revision, "so that the signer sends the rest").to.equal(1n);
    expect(restarted.current?.revocations.map(({ id }) => id)).to.deep.equal(["1", "2"]);
  });

  it("can be read again after one of another trust domain was refused", async () => {
    const store = newStore();
    const { trustDomain } = snapshot();
    await store.apply(update(1, { snapshot: snapshot() }));
    refuse(Errno.E2BIG);
    const other = snapshot({
      trustDomain: trustDomain && { ...trustDomain, name: "other.test" },
      bundle: { trustDomain: "other.test", roots: [ROOT] },
      entries: [],
      rules: [],
      destinations: [],
      revocations: [{ ...ban("1", "/a"), spiffeId: "spiffe://other.test/a" }],
    });
    const error: unknown = await store
      .apply(update(2, { snapshot: other }))
      .catch((e: unknown) => e);
    expect(error).to.be.instanceOf(PolicyRefused);
    refuse(undefined);
    const restarted = newStore();
    await restarted.restore({});
    expect(restarted.current?.revision).to.equal(1n);
  });

  it("that was refused as the first vouches for no root of the next", async () => {
    const store = newStore();
    const stranger = { trustDomain: "demo.test", roots: [makeRoot("stranger")] };
    const faulty = snapshot({ bundle: stranger, entries: [entry("a", "/signet/node/x")] });
    const error: unknown = await store
      .apply(update(1, { snapshot: faulty }))
      .catch((e: unknown) => e);
    expect(error).to.be.instanceOf(FaultyState);
    await store.apply(update(2, { snapshot: snapshot() }));
    expect(store.current?.bundle.roots).to.deep.equal([ROOT]);
  });

  it("is asked for again when the kernel had no memory for it", async () => {
    const store = newStore();
    await store.apply(update(1, { snapshot: snapshot() }));
    refuse(Errno.ENOMEM);
    const failed: unknown = await store
      .apply(update(2, { snapshot: snapshot() }))
      .catch((e: unknown) => e);
    expect(failed).to.have.property("code", "NETLINK_REFUSED");
    expect(failed).not.to.be.instanceOf(PolicyRefused);
    expect(store.told?.revision).to.equal(1n);
    refuse(undefined);
    await store.apply(update(2, { snapshot: snapshot() }));
    expect(store.current?.revision).to.equal(2n);
  });

  it("has its effects with the next update when they failed, and once", async () => {
    const store = newStore();
    stepError = new Error("the kernel has no memory");
    const failed = () => store.apply(update(1, { snapshot: snapshot() })).catch((e: unknown) => e);
    expect(await failed()).to.equal(stepError);
    const banned = change({ revocationsAdded: [ban("1", "/web")] });
    expect(await store.apply(update(2, { change: banned })).catch((e: unknown) => e)).to.equal(
      stepError,
    );
    stepError = undefined;
    await store.apply(update(2, { heartbeat: {} }));
    expect(steps.at(-1)).to.deep.equal({ entriesChanged: true, revoked: 1 });
    expect(steps).to.have.length(3);
    await store.apply(update(2, { heartbeat: {} }));
    expect(steps).to.have.length(3);
    const restarted = newStore();
    await restarted.restore({});
    expect(restarted.current?.revision).to.equal(2n);
  });

  it("is in force again after a restart, before any signer is asked", async () => {
    await newStore().apply(update(3, { snapshot: snapshot({ revocations: [ban("1", "/x")] }) }));
    told();
    const store = newStore();
    await store.restore({ revision: 0n });
    expect(told()).to.deep.equal(["first →3", "+revocation", WHOLE]);
    expect(store.current?.revocations).to.have.length(1);
    await store.restored;
  });

  describe("after a restart without a snapshot", () => {
    const revocations = [ban("1", "/x")];
    const faulty = snapshot({ revocations, entries: [entry("a", "/signet/node/x")] });
    const refused = async (store: StateStore) => {
      const error: unknown = await store
        .apply(update(4, { snapshot: faulty }))
        .catch((e: unknown) => e);
      expect(error).to.be.instanceOf(FaultyState);
    };

    it("revokes first, and even if it has a fault, when the kernel has a policy", async () => {
      const store = newStore();
      await store.restore({ databaseEpoch: "epoch-1", revision: 3n });
      await refused(store);
      expect(told()).to.deep.equal(["+revocation"]);
      const restarted = newStore();
      await restarted.restore({ databaseEpoch: "epoch-1", revision: 3n });
      told();
      await restarted.apply(update(4, { snapshot: snapshot({ revocations }) }));
      expect(told()).to.deep.equal(["first →4", "+revocation", WHOLE, "step"]);
    });

    it("revokes before there is a policy, when the kernel has none", async () => {
      const store = newStore();
      await store.restore({ revision: 0n });
      await refused(store);
      expect(told()).to.deep.equal(["+revocation"]);
      await store.apply(update(5, { snapshot: snapshot({ revocations }) }));
      expect(told()).to.deep.equal(["first →5", "+revocation", WHOLE, "step"]);
    });
  });

  it("is known, and not loaded again, when the kernel has it", async () => {
    await newStore().apply(update(3, { snapshot: snapshot() }));
    told();
    const store = newStore();
    await store.restore({ databaseEpoch: "epoch-1", revision: 3n });
    expect(told()).to.deep.equal([]);
    expect(store.current?.revision).to.equal(3n);
  });

  for (const [kernel, databaseEpoch, revision] of [
    ["a newer one", "epoch-1", 4n],
    ["one of another database", "epoch-2", 1n],
  ] as const) {
    it(`does not hold any more when the kernel has ${kernel}, but its roots are believed`, async () => {
      await newStore().apply(update(3, { snapshot: snapshot() }));
      told();
      const store = newStore();
      await store.restore({ databaseEpoch, revision });
      expect(told()).to.deep.equal([]);
      expect(store.current).to.equal(undefined);
      const bundle = { trustDomain: "demo.test", roots: [makeRoot("stranger")] };
      const strange = update(5, { snapshot: snapshot({ bundle }) }, databaseEpoch);
      const error: unknown = await store.apply(strange).catch((e: unknown) => e);
      expect(error).to.include({ code: "SYNC_REFUSED" });
      await store.apply(update(5, { snapshot: snapshot() }, databaseEpoch));
      expect(store.current?.revision).to.equal(5n);
    });
  }
});
