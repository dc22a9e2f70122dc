// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { stateOf, type Policy, type State } from "../../src/state/state.js";
import { defaultTrustDomain } from "../../src/documents/trust-domain.js";
import type { EntryRecord } from "../../src/store/entries.js";
import type { RevocationRow } from "../../src/store/schema.js";
import { changeBetween, NodeViews, snapshotOf } from "../../src/sync/node-view.js";

const TD = "view.test";
const NODE = { id: "n", groups: ["web"] };
const EMPTY: Policy = {
  trustDomain: defaultTrustDomain(TD),
  accessPolicies: [],
  destinations: [],
  entries: new Map(),
};

function revocation(id: number): RevocationRow {
  const until = 2_000_000_000;
  const what = { issuer: "workload", kind: "serial", value: `a${id}` } as const;
  return { id, ...what, revoked_at: 1, reason: "x".repeat(256), lifted_at: null, until };
}

function stateWith(revision: number, revocations: RevocationRow[]): State {
  return stateOf({ epoch: "e", revision }, EMPTY, revocations, new Map());
}

describe("what a node sees", () => {
  it("has no revocation's reason, as many would not fit a message", () => {
    const views = new NodeViews(NODE);
    const before = views.of(stateWith(1, [revocation(1)]));
    const rows = [revocation(1), revocation(2)];
    const after = views.of(stateWith(2, rows));
    const { revocations } = snapshotOf(before, { trustDomain: TD, roots: [] });
    expect(revocations).to.deep.equal([{ id: 1, serial: "a1", revokedAt: 1 }]);
    const added = changeBetween(before, after)?.revocationsAdded;
    expect(added).to.deep.equal([{ id: 2, serial: "a2", revokedAt: 1 }]);
  });

  it("of the revocations is compared once for all nodes", () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => revocation(i + 1));
    const [before, after] = [stateWith(1, rows.slice(1)), stateWith(2, rows)];
    const changes = Array.from({ length: 3 }, () => {
      const views = new NodeViews(NODE);
      return changeBetween(views.of(before), views.of(after))?.revocationsAdded;
    });
    expect(changes[0]).to.have.length(1);
    for (const change of changes) expect(change).to.equal(changes[0]); // The same object.
  });

  it("of a policy is made once, however many revocations come", () => {
    let matched = 0;
    const entry: EntryRecord = {
      id: "e",
      name: "e",
      spiffeId: `spiffe://${TD}/e`,
      workloadSelectors: [],
      get nodeSelectors() {
        matched += 1;
        return [{ selectors: [{ key: "node:group", values: ["web"] }] }];
      },
      ttl: 60,
    };
    const policy: Policy = { ...EMPTY, entries: new Map([["e", entry]]) };
    const views = new NodeViews(NODE);
    const of = (revision: number, rows: RevocationRow[], one = policy) =>
      views.of(stateOf({ epoch: "e", revision }, one, rows, new Map()));
    let sent = of(1, []);
    for (let id = 1; id < 100; id += 1) {
      const view = of(id, [revocation(id)]);
      expect(Object.keys(changeBetween(sent, view) ?? {})).to.include("revocationsAdded");
      sent = view;
    }
    expect(matched).to.equal(1);
    const change = changeBetween(sent, of(100, [revocation(99)], { ...EMPTY }));
    expect(change).to.deep.equal({ entriesRemoved: ["e"] });
  });
});
