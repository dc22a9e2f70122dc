// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { encodeAttributes } from "../netlink/attributes.js";
import {
  policyTable,
  type DestinationAttributes,
  type PolicyAddRequest,
  type PolicyBeginRequest,
  type RangeAttributes,
  type RevocationAttributes,
  type RuleAttributes,
} from "../netlink/family.generated.js";
import type { NodeState } from "./node-state.js";

/** Bytes of attributes in one message; far below the socket's send buffer. */
const MESSAGE_SIZE = 32 * 1024;
/** A nested attribute has a length of 16 bits. */
const LARGEST_ITEM = 60 * 1024;
const NAMES_PER_RULE = 16;
const RANGES_PER_DESTINATION = 512;

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

/**
 * The items of a policy, in messages that netlink can carry.
 *
 * @throws SignetError SYNC_REFUSED when one item is too large for any.
 */
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
    const size = encodeAttributes(policyTable, item).length;
    if (size > LARGEST_ITEM) throw new SignetError("SYNC_REFUSED", "An item is too large.");
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

/** A rule that names many clients becomes several: rules of one subject add up. */
function rulesOf(rule: messages.AccessRule): readonly RuleAttributes[] {
  const { subject, ports, policy } = rule;
  const named = rule.from.length === 0 ? [[]] : slices(rule.from, NAMES_PER_RULE);
  return named.map((from) => ({ subject, from, port: ports, policy }));
}

/** The same for the addresses of a destination. */
function destinationsOf(destination: messages.Destination): readonly DestinationAttributes[] {
  const { name, identities } = destination;
  return slices(destination.addresses, RANGES_PER_DESTINATION).map((addresses) => ({
    name,
    range: addresses.map(rangeOf),
    identity: identities,
  }));
}

function revocationOf({ id, serial, spiffeId, what }: messages.Revocation): RevocationAttributes {
  const subject = what === "spiffeId" ? { spiffeId: spiffeId ?? "" } : { serial: serial ?? "" };
  return { id: BigInt(id), ...subject };
}

function slices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
