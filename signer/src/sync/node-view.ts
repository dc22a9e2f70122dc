// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import { nodeMatches } from "../documents/selectors.js";
import type { Policy, State } from "../state/state.js";
import type { RevocationRow } from "../store/schema.js";
import * as wire from "./wire.js";

/** What one node is to know of a policy. */
export interface PolicyView {
  readonly trustDomain: messages.TrustDomainInput;
  /** By ID. */
  readonly entries: ReadonlyMap<string, messages.EntryInput>;
  readonly rules: readonly messages.AccessRuleInput[];
  readonly destinations: readonly messages.DestinationInput[];
}

/** What one node is to know of a state: its part of the policy, and every workload's revocation. */
export interface NodeView {
  readonly policy: PolicyView;
  /** By ID. */
  readonly revocations: ReadonlyMap<number, RevocationRow>;
}

/** What one node is to know, of one state after another; made anew where the policy is another. */
export class NodeViews {
  readonly #node: { readonly id: string; readonly groups: readonly string[] };
  #policy: Policy | undefined;
  #view: PolicyView | undefined;

  constructor(node: { readonly id: string; readonly groups: readonly string[] }) {
    this.#node = node;
  }

  /** The part of a state that is for the node. */
  of({ policy, workloadRevocations }: State): NodeView {
    if (this.#view === undefined || policy !== this.#policy) {
      this.#policy = policy;
      this.#view = this.#viewOf(policy);
    }
    return { policy: this.#view, revocations: workloadRevocations };
  }

  // The entries that it may hold and the rules for those entries' SPIFFE IDs. Destinations go to
  // every node, because they are part of the scope: a node that did not know one would let a
  // program without identity send plaintext there.
  #viewOf(policy: Policy): PolicyView {
    const held = [...policy.entries.values()].filter((e) =>
      nodeMatches(e.nodeSelectors, this.#node),
    );
    const subjects = new Set(held.map(({ spiffeId }) => spiffeId));
    const rules = policy.accessPolicies.filter((one) => subjects.has(one.subject));
    return {
      trustDomain: wire.trustDomainMessage(policy.trustDomain),
      entries: new Map(held.map((entry) => [entry.id, wire.entryMessage(entry)])),
      rules: rules.flatMap(wire.ruleMessages),
      destinations: policy.destinations.map(wire.destinationMessage),
    };
  }
}

/** A whole view, as a node gets it first. */
export function snapshotOf(
  { policy, revocations }: NodeView,
  bundle: messages.TrustBundleInput,
): messages.SnapshotInput {
  return {
    trustDomain: policy.trustDomain,
    bundle,
    entries: [...policy.entries.values()],
    rules: [...policy.rules],
    destinations: [...policy.destinations],
    revocations: [...revocations.values()].map(wire.revocationMessage),
  };
}

/** What is different in the second of two views; undefined when nothing is. */
export function changeBetween(before: NodeView, after: NodeView): messages.ChangeInput | undefined {
  const change = {
    ...revocationsBetween(before.revocations, after.revocations),
    ...(before.policy === after.policy ? {} : policyBetween(before.policy, after.policy)),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

type Revocations = NodeView["revocations"];

// Most streams go from one state to the same next one: what differs is found once for all of them.
const differences = new WeakMap<Revocations, WeakMap<Revocations, messages.ChangeInput>>();

function revocationsBetween(before: Revocations, after: Revocations): messages.ChangeInput {
  const known = differences.get(after) ?? new WeakMap<Revocations, messages.ChangeInput>();
  differences.set(after, known);
  const change = known.get(before) ?? findBetween(before, after);
  known.set(before, change);
  return change;
}

function findBetween(before: Revocations, after: Revocations): messages.ChangeInput {
  const added = [...after.values()].filter(({ id }) => !before.has(id));
  const removed = [...before.keys()].filter((id) => !after.has(id));
  return {
    ...(added.length > 0 && { revocationsAdded: added.map(wire.revocationMessage) }),
    ...(removed.length > 0 && { revocationsRemoved: removed }),
  };
}

function policyBetween(before: PolicyView, after: PolicyView): messages.ChangeInput {
  const set = [...after.entries.values()].filter(
    (entry) => !same(before.entries.get(entry.id ?? ""), entry),
  );
  const gone = [...before.entries.keys()].filter((id) => !after.entries.has(id));
  return {
    ...(!same(before.trustDomain, after.trustDomain) && { trustDomain: after.trustDomain }),
    ...(set.length > 0 && { entriesSet: set }),
    ...(gone.length > 0 && { entriesRemoved: gone }),
    ...(!same(before.rules, after.rules) && { rules: { rules: [...after.rules] } }),
    ...(!same(before.destinations, after.destinations) && {
      destinations: { destinations: [...after.destinations] },
    }),
  };
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
