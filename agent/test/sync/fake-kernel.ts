// SPDX-License-Identifier: Apache-2.0
import type {
  PolicyAttributes,
  PolicyChangeReply,
  PolicyChangeRequest,
  RevocationAttributes,
} from "../../src/netlink/family.generated.js";
import { addTo, joinParts } from "../../src/netlink/item-parts.js";
import { refusal } from "../../src/netlink/refusal.js";
import type { PolicyTarget } from "../../src/sync/kernel-policy.js";

export const Errno = {
  ENOENT: 2,
  E2BIG: 7,
  ENOMEM: 12,
  EINVAL: 22,
  ENODATA: 61,
  ESTALE: 116,
} as const;

const KINDS = ["root", "meshCidr", "exemptPort", "rule", "destination"] as const;
type Kind = (typeof KINDS)[number];
export type Items = Readonly<Record<Kind, readonly string[]>>;
type Parts = Pick<PolicyAttributes, Kind>;

/** What policy-get shows: of each item all that it says, as text. */
export interface InForce {
  readonly revision: bigint;
  readonly items: Items;
  readonly revocations: readonly string[];
}

interface Policy {
  readonly databaseEpoch: string;
  readonly revision: bigint;
  readonly items: Items;
}

interface Change {
  readonly head: PolicyChangeRequest;
  readonly removed: Parts;
  readonly added: Parts;
  readonly lifted: string[];
  /** Revocations that were added since it was begun. */
  readonly named: Set<string>;
}

/**
 * What the kernel does with changes of policy, without the checks of what items say: kept to the
 * real one by policy-change-behaviour.ts, which both go through.
 */
export class FakeKernel implements PolicyTarget {
  /** Every message, in short. */
  readonly told: string[] = [];
  /** Asked before a message is taken: a number of Errno refuses it. */
  refuses: (request: PolicyChangeRequest) => number | undefined = () => undefined;
  #policy: Policy | undefined;
  #change: Change | undefined;
  readonly #revocations = new Set<string>();

  get inForce(): InForce {
    const { revision = 0n, items = NOTHING } = this.#policy ?? {};
    return { revision, items, revocations: [...this.#revocations].sort() };
  }

  changePolicy(request: PolicyChangeRequest): Promise<PolicyChangeReply> {
    this.told.push(summary(request));
    return Promise.resolve().then(() => {
      this.#take(request);
      const { databaseEpoch = "", revision = 0n } = this.#policy ?? {};
      return { databaseEpoch, revision, ending: 0 };
    });
  }

  abortPolicy(): Promise<void> {
    this.told.push("abort");
    this.#change = undefined;
    return Promise.resolve();
  }

  #take(request: PolicyChangeRequest): void {
    const { revocation = [], remove, ...rest } = request;
    const alone = remove !== true && Object.keys(rest).length === 0;
    const errno = this.refuses(request);
    if (errno !== undefined) {
      if (!alone) this.#change = undefined;
      throw refusal("policyChange", errno, "no");
    }
    if (remove !== true) {
      for (const one of revocation) {
        this.#revocations.add(revocationKey(one));
        this.#change?.named.add(revocationKey(one));
      }
    }
    if (alone) return;
    try {
      this.#takePart(request);
    } catch (error) {
      this.#change = undefined;
      throw error;
    }
  }

  #takePart(request: PolicyChangeRequest): void {
    const { part = "whole", remove, revocation = [] } = request;
    const begins = part === "whole" || part === "first";
    const change = begins ? this.#begin(request) : this.#change;
    if (change === undefined) throw refusal("policyChange", Errno.ENODATA, "no change was begun");
    if (!begins && request.revision !== undefined) {
      throw refusal("policyChange", Errno.EINVAL, "this belongs into the first message");
    }
    const items = Object.fromEntries(KINDS.map((kind) => [kind, request[kind] ?? []]));
    if (remove === true) {
      if (change.head.base === undefined || has(change.added)) {
        throw refusal("policyChange", Errno.EINVAL, "what is removed comes first");
      }
      change.lifted.push(...revocation.map(revocationKey));
      addTo(change.removed, items);
    } else {
      addTo(change.added, items);
    }
    if (part === "whole" || part === "last") this.#commit(change);
  }

  #begin(head: PolicyChangeRequest): Change {
    const { databaseEpoch = "", revision = 0n, base } = head;
    const now = this.#policy;
    const sameEpoch = now?.databaseEpoch === databaseEpoch;
    if (sameEpoch && revision < now.revision) {
      throw refusal("policyChange", Errno.ESTALE, "a newer revision is in force");
    }
    if (base !== undefined && (!sameEpoch || now.revision !== base)) {
      throw refusal("policyChange", Errno.ESTALE, "another revision is in force");
    }
    const named = new Set((head.remove === true ? [] : head.revocation)?.map(revocationKey));
    this.#change = { head, removed: {}, added: {}, lifted: [], named };
    return this.#change;
  }

  #commit({ head, removed, added, lifted, named }: Change): void {
    const before = head.base === undefined ? NOTHING : this.inForce.items;
    const [goes, comes] = [textOf(removed), textOf(added)];
    const items = Object.fromEntries(
      KINDS.map((kind) => {
        if (!goes[kind].every((item) => before[kind].includes(item))) {
          throw refusal("policyChange", Errno.ENOENT, "what is to be removed is not in force");
        }
        const kept = before[kind].filter((item) => !goes[kind].includes(item));
        return [kind, [...kept, ...comes[kind]]];
      }),
    ) as unknown as Items;
    if (items.root.length === 0) throw refusal("policyChange", Errno.EINVAL, "no root");
    const { databaseEpoch = "", revision = 0n } = head;
    this.#policy = { databaseEpoch, revision, items };
    const gone = head.base === undefined ? [...this.#revocations] : lifted;
    for (const key of gone) if (!named.has(key)) this.#revocations.delete(key);
    this.#change = undefined;
  }
}

const NOTHING: Items = { root: [], meshCidr: [], exemptPort: [], rule: [], destination: [] };

/** What the real one shows. */
export function inForceOf(shown: PolicyAttributes): InForce {
  const { revision = 0n, revocation = [] } = shown;
  return { revision, items: textOf(shown), revocations: revocation.map(revocationKey).sort() };
}

/** Items as text, so that they can be compared. */
export function textOf(policy: Parts): Items {
  const { rule = [], destination = [] } = policy;
  const whole: Parts = { ...policy, rule: joinParts(rule), destination: joinParts(destination) };
  return Object.fromEntries(
    KINDS.map((kind) => [kind, (whole[kind] ?? []).map((item) => sorted(item))]),
  ) as unknown as Items;
}

/** Whatever the order in which it was read or written. */
function sorted(item: unknown): string {
  if (typeof item !== "object" || item === null || Buffer.isBuffer(item))
    return JSON.stringify(item);
  if (Array.isArray(item)) return `[${item.map(sorted).join()}]`;
  const members = Object.entries(item).filter(([, value]) => !isEmpty(value));
  return `{${members
    .map(([name, value]) => `${name}:${sorted(value)}`)
    .sort()
    .join()}}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function has(items: Parts): boolean {
  return KINDS.some((kind) => (items[kind]?.length ?? 0) > 0);
}

function revocationKey({ id = 0n, serial, spiffeId }: RevocationAttributes): string {
  return `${String(id)} ${serial ?? spiffeId ?? ""}`;
}

/** "first 3→4 −rule +rule": what a message says, in short. */
function summary(request: PolicyChangeRequest): string {
  const { part, base, revision, remove } = request;
  const kinds = [...KINDS, "revocation" as const]
    .filter((kind) => (request[kind]?.length ?? 0) > 0)
    .map((kind) => `${remove === true ? "-" : "+"}${kind}`);
  const step = base === undefined ? `→${String(revision)}` : `${String(base)}→${String(revision)}`;
  return [part, revision === undefined ? undefined : step, ...kinds]
    .filter((word) => word !== undefined)
    .join(" ");
}
