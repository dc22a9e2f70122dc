// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import type { Address } from "../documents/address.js";
import type { AccessPolicy, Destination, TrustDomain } from "../documents/document.js";
import type { EntryRecord } from "../store/entries.js";
import type { RevocationRow } from "../store/schema.js";

// How the signer's records look as messages of proto/signet/v1.

function addressRange({ address, prefixLength, port }: Address): messages.AddressRangeInput {
  return { address: Buffer.from(address, "hex"), prefixLength, port };
}

export function trustDomainMessage(domain: TrustDomain): messages.TrustDomainInput {
  return {
    name: domain.name,
    meshCidrs: domain.meshCidrs.map(addressRange),
    defaultDeny: domain.defaultDeny,
    unidentified:
      domain.unidentified === "audit" ? "UNIDENTIFIED_ACTION_AUDIT" : "UNIDENTIFIED_ACTION_DENY",
    exemptPorts: [...domain.exemptPorts],
  };
}

export function ruleMessages(policy: AccessPolicy): messages.AccessRuleInput[] {
  return policy.inbound.map(({ from, ports }) => ({
    subject: policy.subject,
    from: [...from],
    ports: [...ports],
    policy: policy.name,
  }));
}

export function destinationMessage(destination: Destination): messages.DestinationInput {
  return {
    name: destination.name,
    addresses: destination.addresses.map(addressRange),
    identities: [...destination.identities],
  };
}

/** An entry as nodes see it: without the node selectors. */
export function entryMessage(entry: EntryRecord): messages.EntryInput {
  return {
    id: entry.id,
    spiffeId: entry.spiffeId,
    name: entry.name,
    workloadSelectors: [...entry.workloadSelectors],
    ttlSeconds: entry.ttl,
  };
}

/** A revocation as nodes see it: without the reason, which is for people. */
export function revocationMessage(row: RevocationRow): messages.RevocationInput {
  return {
    id: row.id,
    ...(row.kind === "serial" ? { serial: row.value } : { spiffeId: row.value }),
    revokedAt: row.revoked_at,
  };
}

/** A revocation as operators see it. */
export function explainedRevocation(row: RevocationRow): messages.RevocationInput {
  return { ...revocationMessage(row), reason: row.reason };
}
