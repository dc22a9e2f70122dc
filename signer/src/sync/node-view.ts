// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import { nodeMatches } from "../documents/selectors.js";
import type { State } from "../state/state.js";
import type { RevocationRow } from "../store/schema.js";
import * as wire from "./wire.js";

/** What one node is to know of a state. */
export interface NodeView {
  readonly trustDomain: messages.TrustDomainInput;
  /** By ID. */
  readonly entries: ReadonlyMap<string, messages.EntryInput>;
  readonly rules: readonly messages.AccessRuleInput[];
  readonly destinations: readonly messages.DestinationInput[];
  /** By ID. */
  readonly revocations: ReadonlyMap<number, RevocationRow>;
}

/**
 * The part of a state that is for one node: the entries that it may hold, the rules for those
 * entries' SPIFFE IDs, and every revocation of a workload. Destinations go to every node, because
 * they are part of the scope: a node that did not know one would let a program without identity
 * send plaintext there.
 */
export function nodeView(
  state: State,
  node: { readonly id: string; readonly groups: readonly string[] },
): NodeView {
  const { policy } = state;
  const entries = [...policy.entries.values()].filter((e) => nodeMatches(e.nodeSelectors, node));
  const subjects = new Set(entries.map(({ spiffeId }) => spiffeId));
  return {
    trustDomain: wire.trustDomainMessage(policy.trustDomain),
    entries: new Map(entries.map((entry) => [entry.id, wire.entryMessage(entry)])),
    rules: policy.accessPolicies.filter((p) => subjects.has(p.subject)).flatMap(wire.ruleMessages),
    destinations: policy.destinations.map(wire.destinationMessage),
    revocations: new Map([...state.revocations].filter(([, row]) => row.issuer === "workload")),
  };
}

/** A whole view, as a node gets it first. */
export function snapshotOf(
  view: NodeView,
  bundle: messages.TrustBundleInput,
): messages.SnapshotInput {
  return {
    trustDomain: view.trustDomain,
    bundle,
    entries: [...view.entries.values()],
    rules: [...view.rules],
    destinations: [...view.destinations],
    revocations: [...view.revocations.values()].map(wire.revocationMessage),
  };
}

/** What is different in the second of two views; undefined when nothing is. */
export function changeBetween(before: NodeView, after: NodeView): messages.ChangeInput | undefined {
  const added = [...after.revocations.values()].filter(({ id }) => !before.revocations.has(id));
  const removed = [...before.revocations.keys()].filter((id) => !after.revocations.has(id));
  const set = [...after.entries.values()].filter(
    (entry) => !same(before.entries.get(entry.id ?? ""), entry),
  );
  const gone = [...before.entries.keys()].filter((id) => !after.entries.has(id));
  const change: messages.ChangeInput = {
    ...(added.length > 0 && { revocationsAdded: added.map(wire.revocationMessage) }),
    ...(removed.length > 0 && { revocationsRemoved: removed }),
    ...(!same(before.trustDomain, after.trustDomain) && { trustDomain: after.trustDomain }),
    ...(set.length > 0 && { entriesSet: set }),
    ...(gone.length > 0 && { entriesRemoved: gone }),
    ...(!same(before.rules, after.rules) && { rules: { rules: [...after.rules] } }),
    ...(!same(before.destinations, after.destinations) && {
      destinations: { destinations: [...after.destinations] },
    }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
