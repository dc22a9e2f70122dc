// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { isDeepStrictEqual } from "node:util";
import { checkState } from "./check-state.js";
import type { NodeState } from "./node-state.js";

/** What an update comes to. */
export interface Step {
  readonly state: NodeState;
  /** Revocations that did not hold before: to be acted on first. */
  readonly revoked: readonly messages.Revocation[];
  /** Who a process is may have changed. */
  readonly entriesChanged: boolean;
  /** IDs of entries whose certificates are to live for another time than before. */
  readonly lifetimesChanged: ReadonlySet<string>;
  /** A revocation that held before no longer does. */
  readonly unbanned: boolean;
}

/** A state that follows on the one before, and has a fault: it can't hold, but be gone on from. */
export class FaultyState extends SignetError {
  constructor(
    readonly step: Step,
    cause: SignetError,
  ) {
    super(cause.code, cause.message, { cause });
  }

  static override [Symbol.hasInstance](value: unknown): value is FaultyState {
    return super[Symbol.hasInstance](value);
  }
}

/**
 * What holds after an update. Pure: nothing is applied.
 *
 * @param before What the signer told last, though it may not hold; undefined when it told nothing.
 * @param trustedRoots Roots, DER, of which one must vouch for each new one; undefined: the first are
 * believed.
 * @returns undefined when nothing changes: a heartbeat, or the snapshot that holds already.
 * @throws FaultyState SYNC_REFUSED when what it says has a fault.
 * @throws SignetError SYNC_REFUSED when the update goes back, does not follow on `before`, or is not
 * well-formed.
 */
export function applyUpdate(
  before: NodeState | undefined,
  update: messages.SyncUpdate,
  trustedRoots: readonly Buffer[] | undefined,
): Step | undefined {
  const state = stateAfter(before, update);
  if (state === undefined || isDeepStrictEqual(before, state)) return undefined;
  const step = stepFrom(before, state);
  try {
    checkState(state, trustedRoots);
  } catch (fault) {
    throw new FaultyState(step, SignetError.from(fault));
  }
  return step;
}

function stateAfter(
  before: NodeState | undefined,
  update: messages.SyncUpdate,
): NodeState | undefined {
  const revision = BigInt(update.revision);
  const sameEpoch = before?.databaseEpoch === update.databaseEpoch;
  if (before !== undefined && sameEpoch && revision < before.revision) {
    throw new SignetError(
      "SYNC_REFUSED",
      `Revision ${update.revision} is older than ${String(before.revision)}, which holds.`,
    );
  }
  const at = { databaseEpoch: update.databaseEpoch, revision };
  if (update.snapshot) return { ...at, ...fromSnapshot(update.snapshot) };
  if (before === undefined || !sameEpoch) {
    throw new SignetError("SYNC_REFUSED", "A change came where only a snapshot could.");
  }
  if (update.change) return { ...at, ...fromChange(before, update.change) };
  return undefined;
}

/** Two steps, one after the other, as one. */
export function joinSteps(first: Step | undefined, second: Step): Step {
  if (first === undefined) return second;
  return {
    state: second.state,
    revoked: [...first.revoked, ...second.revoked],
    entriesChanged: first.entriesChanged || second.entriesChanged,
    lifetimesChanged: new Set([...first.lifetimesChanged, ...second.lifetimesChanged]),
    unbanned: first.unbanned || second.unbanned,
  };
}

type Content = Omit<NodeState, "databaseEpoch" | "revision">;

function fromSnapshot(snapshot: messages.Snapshot): Content {
  const { trustDomain, bundle, entries, rules, destinations, revocations } = snapshot;
  if (trustDomain === null || bundle === null) {
    throw new SignetError("SYNC_REFUSED", "A snapshot without trust domain or trust bundle.");
  }
  return { trustDomain, bundle, entries, rules, destinations, revocations };
}

function fromChange(before: NodeState, change: messages.Change): Content {
  return {
    trustDomain: change.trustDomain ?? before.trustDomain,
    bundle: change.bundle ?? before.bundle,
    entries: without(merge(before.entries, change.entriesSet), change.entriesRemoved),
    rules: change.rules?.rules ?? before.rules,
    destinations: change.destinations?.destinations ?? before.destinations,
    revocations: merge(
      without(before.revocations, change.revocationsRemoved),
      change.revocationsAdded,
    ),
  };
}

// What isn't changed stays the same array, so that it is known at a glance.

function without<T extends { readonly id: string }>(
  items: readonly T[],
  ids: readonly string[],
): readonly T[] {
  if (ids.length === 0) return items;
  const removed = new Set(ids);
  return items.filter(({ id }) => !removed.has(id));
}

/** The items by ID; of two with one ID the later one. */
function merge<T extends { readonly id: string }>(
  before: readonly T[],
  set: readonly T[],
): readonly T[] {
  if (set.length === 0) return before;
  return [...new Map([...before, ...set].map((item) => [item.id, item])).values()];
}

function stepFrom(before: NodeState | undefined, state: NodeState): Step {
  const held = new Set(before?.revocations.map(({ id }) => id));
  const holds = new Set(state.revocations.map(({ id }) => id));
  return {
    state,
    revoked: state.revocations.filter(({ id }) => !held.has(id)),
    entriesChanged: !isDeepStrictEqual(before?.entries, state.entries),
    lifetimesChanged: lifetimesChanged(before?.entries ?? [], state.entries),
    unbanned: [...held].some((id) => !holds.has(id)),
  };
}

function lifetimesChanged(
  before: readonly messages.Entry[],
  now: readonly messages.Entry[],
): ReadonlySet<string> {
  const held = new Map(before.map(({ id, ttlSeconds }) => [id, ttlSeconds]));
  const changed = now.filter(({ id, ttlSeconds }) => (held.get(id) ?? ttlSeconds) !== ttlSeconds);
  return new Set(changed.map(({ id }) => id));
}
