// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { expect } from "chai";
import { applyUpdate, type Step } from "../../src/sync/apply.js";
import type { NodeState } from "../../src/sync/node-state.js";
import { ban, banSerial, change, entry, makeRoot, ROOT, snapshot, update } from "./states.js";

function stateAt(revision: number, content = snapshot()): NodeState {
  const step = apply(undefined, update(revision, { snapshot: content }));
  if (step === undefined) throw new Error("a snapshot changes something");
  return step.state;
}

/** With `before` in force. */
function apply(before: NodeState | undefined, next: messages.SyncUpdate): Step | undefined {
  return applyUpdate(before, next, before?.bundle.roots);
}

function refusal(before: NodeState | undefined, next: messages.SyncUpdate): string {
  try {
    apply(before, next);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  }
  return "applied";
}

describe("an update of the signer", () => {
  it("with a snapshot replaces everything", () => {
    const content = snapshot({ entries: [entry("a"), entry("b")], revocations: [ban("7", "/x")] });
    const step = apply(stateAt(3), update(4, { snapshot: content }));
    expect(step?.state.revision).to.equal(4n);
    expect(step?.state.entries.map(({ id }) => id)).to.deep.equal(["a", "b"]);
    expect(step?.revoked.map(({ id }) => id)).to.deep.equal(["7"]);
    expect(step?.entriesChanged).to.equal(true);
  });

  it("names the entries whose certificates are to live for another time", () => {
    const before = stateAt(3, snapshot({ entries: [entry("a"), entry("b")] }));
    const entriesSet = [{ ...entry("a"), ttlSeconds: 20 }, entry("b", "/new"), entry("c")];
    const step = apply(before, update(4, { change: change({ entriesSet }) }));
    expect([...(step?.lifetimesChanged ?? [])]).to.deep.equal(["a"]);
  });

  it("with a change touches what it names and nothing else", () => {
    const before = stateAt(3, snapshot({ entries: [entry("a"), entry("b")] }));
    const step = apply(
      before,
      update(5, {
        change: change({ entriesSet: [entry("b", "/new"), entry("c")], entriesRemoved: ["a"] }),
      }),
    );
    expect(step?.state.entries.map(({ id, spiffeId }) => [id, spiffeId])).to.deep.equal([
      ["b", "spiffe://demo.test/new"],
      ["c", "spiffe://demo.test/c"],
    ]);
    expect(step?.state.rules).to.equal(before.rules);
    expect(step?.state.revision).to.equal(5n);
  });

  it("tells revocations that are new, and those that no longer hold", () => {
    const before = stateAt(3, snapshot({ revocations: [ban("1", "/a")] }));
    const added = apply(
      before,
      update(4, { change: change({ revocationsAdded: [ban("2", "/b")] }) }),
    );
    expect(added?.revoked.map(({ id }) => id)).to.deep.equal(["2"]);
    expect(added?.unbanned).to.equal(false);
    expect(added?.entriesChanged).to.equal(false);
    const removed = apply(before, update(4, { change: change({ revocationsRemoved: ["1"] }) }));
    expect(removed?.unbanned).to.equal(true);
    expect(removed?.state.revocations).to.deep.equal([]);
  });

  it("never goes back in one epoch, but may in another", () => {
    expect(refusal(stateAt(9), update(8, { snapshot: snapshot() }))).to.match(
      /^SYNC_REFUSED.*older/,
    );
    const step = apply(stateAt(9), update(1, { snapshot: snapshot() }, "epoch-2"));
    expect(step?.state).to.include({ revision: 1n, databaseEpoch: "epoch-2" });
  });

  it("with a change is refused where only a snapshot can follow", () => {
    expect(refusal(undefined, update(1, { change: change() }))).to.match(/only a snapshot/);
    expect(refusal(stateAt(1), update(2, { change: change() }, "epoch-2"))).to.match(
      /only a snapshot/,
    );
  });

  it("that is a heartbeat changes nothing", () => {
    expect(apply(stateAt(1), update(1, { heartbeat: {} }))).to.equal(undefined);
  });

  it("with the snapshot that holds already changes nothing", () => {
    expect(apply(stateAt(1), update(1, { snapshot: snapshot() }))).to.equal(undefined);
  });

  it("with a new root needs a root that vouches for it", () => {
    const strange = { trustDomain: "demo.test", roots: [ROOT, makeRoot("strange")] };
    expect(refusal(stateAt(1), update(2, { change: change({ bundle: strange }) }))).to.match(
      /^SYNC_REFUSED.*vouches/,
    );
    const same = { trustDomain: "demo.test", roots: [ROOT] };
    expect(refusal(stateAt(1), update(2, { change: change({ bundle: same }) }))).to.equal(
      "applied",
    );
  });

  it("with a new root that is no certificate is refused as what it is", () => {
    for (const root of [Buffer.from("3100", "hex"), ROOT.subarray(0, -1)]) {
      const bundle = { trustDomain: "demo.test", roots: [ROOT, root] };
      expect(refusal(stateAt(1), update(2, { change: change({ bundle }) }))).to.match(
        /^SYNC_REFUSED.*no certificate/,
      );
    }
  });

  const bad: Record<string, Partial<messages.Snapshot>> = {
    "an entry of another trust domain": { entries: [{ ...entry("a"), spiffeId: "spiffe://x/a" }] },
    "an entry with a reserved ID": { entries: [entry("a", "/signet/node/x")] },
    "an ID that is no SPIFFE ID": { entries: [entry("a", "/a/../b")] },
    "no trust domain": { trustDomain: null },
    "no roots": { bundle: { trustDomain: "demo.test", roots: [] } },
    "a root that is no certificate": {
      bundle: { trustDomain: "demo.test", roots: [Buffer.from("3000", "hex")] },
    },
    "an address of 5 bytes": {
      destinations: [
        {
          name: "d",
          addresses: [{ address: Buffer.alloc(5), prefixLength: 8, port: 0 }],
          identities: ["spiffe://demo.test/web"],
        },
      ],
    },
    "a destination without identities": {
      destinations: [{ name: "d", addresses: [], identities: [] }],
    },
    "a rule that names nobody": {
      rules: [{ subject: "spiffe://demo.test/web", from: [], ports: [], policy: "closed" }],
    },
    "a serial that is not hex": { revocations: [banSerial("1", "AB:CD")] },
    "a serial of half an octet": { revocations: [banSerial("1", "abc")] },
    "a serial with an octet of zeros in front": { revocations: [banSerial("1", "00ab")] },
    "a serial that is too long": { revocations: [banSerial("1", "ab".repeat(21))] },
  };
  for (const [name, content] of Object.entries(bad)) {
    it(`with ${name} is refused whole`, () => {
      expect(refusal(undefined, update(1, { snapshot: snapshot(content) }))).to.match(
        /^SYNC_REFUSED/,
      );
    });
  }
});
