// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { attributesSize } from "../netlink/attribute-size.js";
import {
  destinationTable,
  policyTable,
  ruleTable,
  type DestinationAttributes,
  type PolicyAddRequest,
  type PolicyBeginRequest,
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

/** The head of a policy, as policy-begin wants it. */
export function policyHead(state: NodeState): PolicyBeginRequest {
  return {
    databaseEpoch: state.databaseEpoch,
    revision: state.revision,
    trustDomain: state.trustDomain.name,
    defaultDeny: state.trustDomain.defaultDeny ? 1 : 0,
    unidentified: state.trustDomain.unidentified === "UNIDENTIFIED_ACTION_AUDIT" ? "audit" : "deny",
  };
}

/** The items of a policy, in messages that netlink can carry, however large a rule is. */
export function policyParts(state: NodeState): readonly PolicyAddRequest[] {
  return pack([
    ...state.bundle.roots.map((root) => ({ root: [root] })),
    ...state.trustDomain.meshCidrs.map((cidr) => ({ meshCidr: [rangeOf(cidr)] })),
    ...state.trustDomain.exemptPorts.map((port) => ({ exemptPort: [port] })),
    ...state.rules.flatMap(rulesOf).map((rule) => ({ rule: [rule] })),
    ...state.destinations.flatMap(destinationsOf).map((item) => ({ destination: [item] })),
    ...revocationItems(state.revocations),
  ]);
}

/** Revocations, in messages that netlink can carry. */
export function revocationParts(
  revocations: readonly messages.Revocation[],
): readonly Pick<PolicyAddRequest, "revocation">[] {
  return pack(revocationItems(revocations));
}

function revocationItems(revocations: readonly messages.Revocation[]): PolicyAddRequest[] {
  return revocations.map((revocation) => ({ revocation: [revocationOf(revocation)] }));
}

/** Puts items, each a request with one list of one element, together until a message is full. */
function pack(items: readonly PolicyAddRequest[]): readonly PolicyAddRequest[] {
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
