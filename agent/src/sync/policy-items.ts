// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { attributesSize } from "../netlink/attribute-size.js";
import {
  destinationTable,
  policyTable,
  ruleTable,
  type DestinationAttributes,
  type PolicyChangeRequest,
  type RangeAttributes,
  type RevocationAttributes,
  type RuleAttributes,
} from "../netlink/family.generated.js";
import { splitItem } from "../netlink/item-parts.js";
import type { NodeState } from "./node-state.js";

/** Bytes of attributes in one message; far below the socket's send buffer. */
const MESSAGE_SIZE = 32 * 1024;
/** Of one part of a rule or destination, without what surrounds it: several fill a message. */
const PART_SIZE = 16 * 1024;

/** What the kernel takes as items of a policy. */
export type PolicyItems = Pick<
  PolicyChangeRequest,
  "root" | "meshCidr" | "exemptPort" | "rule" | "destination" | "revocation"
>;

/** What a policy says beside its items. */
export function policyHead(state: NodeState): PolicyChangeRequest {
  return {
    databaseEpoch: state.databaseEpoch,
    revision: state.revision,
    trustDomain: state.trustDomain.name,
    defaultDeny: state.trustDomain.defaultDeny ? 1 : 0,
    unidentified: state.trustDomain.unidentified === "UNIDENTIFIED_ACTION_AUDIT" ? "audit" : "deny",
  };
}

/** The part of a state that becomes items. */
export type PolicyContent = Pick<
  NodeState,
  "bundle" | "trustDomain" | "rules" | "destinations" | "revocations"
>;

/**
 * The items of a policy that another one hasn't, in messages that netlink can carry, however large
 * a rule is; revocations first. An item is another as soon as anything of it is.
 */
export function itemsBeyond(
  state: PolicyContent,
  other: Partial<PolicyContent>,
): readonly PolicyItems[] {
  const { bundle, trustDomain, rules, destinations } = state;
  return pack([
    ...revocationsBeyond(state, other).map((item) => ({ revocation: [revocationOf(item)] })),
    ...beyond(bundle.roots, other.bundle?.roots, asBase64).map((root) => ({ root: [root] })),
    ...beyond(trustDomain.meshCidrs, other.trustDomain?.meshCidrs, asJson).map((cidr) => ({
      meshCidr: [rangeOf(cidr)],
    })),
    ...beyond(trustDomain.exemptPorts, other.trustDomain?.exemptPorts, String).map((port) => ({
      exemptPort: [port],
    })),
    ...beyond(rules, other.rules, asJson)
      .flatMap(rulesOf)
      .map((rule) => ({ rule: [rule] })),
    ...beyond(destinations, other.destinations, asJson)
      .flatMap(destinationsOf)
      .map((destination) => ({ destination: [destination] })),
  ]);
}

/** The revocations that another state hasn't: of another ID, or of something else. */
export function revocationsBeyond(
  { revocations }: Pick<NodeState, "revocations">,
  other: Partial<PolicyContent>,
): readonly messages.Revocation[] {
  return beyond(revocations, other.revocations, ({ id, what, serial, spiffeId }) =>
    asJson([id, what, serial, spiffeId]),
  );
}

/** Revocations, in messages that netlink can carry. */
export function revocationParts(
  revocations: readonly messages.Revocation[],
): readonly Pick<PolicyItems, "revocation">[] {
  return pack(revocations.map((revocation) => ({ revocation: [revocationOf(revocation)] })));
}

/** Those that differ from all others. What was taken over from the others as it is costs little. */
function beyond<T>(
  items: readonly T[],
  others: readonly T[] = [],
  keyOf: (item: T) => string,
): readonly T[] {
  if (items === others) return [];
  const taken = new Set(others);
  const unlike = items.filter((item) => !taken.has(item));
  if (unlike.length === 0) return [];
  const keys = new Set(others.map(keyOf));
  return unlike.filter((item) => !keys.has(keyOf(item)));
}

function asBase64(bytes: Buffer): string {
  return bytes.toString("base64");
}

function asJson(item: unknown): string {
  return JSON.stringify(item);
}

/** Puts items, each a request with one list of one element, together until a message is full. */
function pack(items: readonly PolicyItems[]): readonly PolicyItems[] {
  const parts: Record<string, unknown[]>[] = [];
  let room = 0;
  for (const item of items) {
    const size = attributesSize(policyTable, item);
    let part = parts.at(-1);
    if (part === undefined || size > room) {
      part = {};
      parts.push(part);
      room = MESSAGE_SIZE;
    }
    room -= size;
    for (const [name, list] of Object.entries(item) as [string, unknown[]][]) {
      (part[name] ??= []).push(...list);
    }
  }
  return parts;
}

function rangeOf({ address, prefixLength, port }: messages.AddressRange): RangeAttributes {
  return { address, prefixLength, ...(port === 0 ? {} : { port }) };
}

function rulesOf({ subject, from, ports, policy }: messages.AccessRule): readonly RuleAttributes[] {
  return splitItem(ruleTable, { subject, from, port: ports, policy }, PART_SIZE);
}

/** None of a destination that is nowhere. */
function destinationsOf(destination: messages.Destination): readonly DestinationAttributes[] {
  const { name, addresses, identities } = destination;
  if (addresses.length === 0) return [];
  const item = { name, range: addresses.map(rangeOf), identity: identities };
  return splitItem(destinationTable, item, PART_SIZE);
}

function revocationOf({ id, serial, spiffeId, what }: messages.Revocation): RevocationAttributes {
  const subject = what === "spiffeId" ? { spiffeId: spiffeId ?? "" } : { serial: serial ?? "" };
  return { id: BigInt(id), ...subject };
}
