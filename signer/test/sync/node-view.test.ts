// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { stateOf, type Policy, type State } from "../../src/state/state.js";
import { defaultTrustDomain } from "../../src/documents/trust-domain.js";
import type { RevocationRow } from "../../src/store/schema.js";
import { changeBetween, nodeView, snapshotOf } from "../../src/sync/node-view.js";

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
    const before = nodeView(stateWith(1, [revocation(1)]), NODE);
    const rows = [revocation(1), revocation(2)];
    const after = nodeView(stateWith(2, rows), NODE);
    const { revocations } = snapshotOf(before, { trustDomain: TD, roots: [] });
    expect(revocations).to.deep.equal([{ id: 1, serial: "a1", revokedAt: 1 }]);
    const added = changeBetween(before, after)?.revocationsAdded;
    expect(added).to.deep.equal([{ id: 2, serial: "a2", revokedAt: 1 }]);
  });
});
