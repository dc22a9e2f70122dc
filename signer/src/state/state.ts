// SPDX-License-Identifier: Apache-2.0

import type {
  AccessPolicy,
  Destination,
  PolicyDocument,
  TrustDomain,
} from "../documents/document.js";
import { defaultTrustDomain } from "../documents/trust-domain.js";
import type { StoredDocument } from "../store/documents.js";
import type { EntryRecord } from "../store/entries.js";
import type { Revision } from "../store/revision.js";
import type { RevocationRow } from "../store/schema.js";

/** What the signer's policy says, made from the documents that are stored. */
export interface Policy {
  readonly trustDomain: TrustDomain;
  readonly accessPolicies: readonly AccessPolicy[];
  readonly destinations: readonly Destination[];
  /** By ID. */
  readonly entries: ReadonlyMap<string, EntryRecord>;
}

/** The whole state that holds at a revision. Never changed: a change makes another. */
export interface State extends Revision {
  readonly policy: Policy;
  /** Those of workloads that are in force, by ID, the oldest first. */
  readonly workloadRevocations: ReadonlyMap<number, RevocationRow>;
  /** SPIFFE IDs that are banned. */
  readonly banned: ReadonlySet<string>;
  /** Serials of the control plane that are revoked. */
  readonly revokedControlSerials: ReadonlySet<string>;
  /** When the last ban of a SPIFFE ID of the control plane ended, seconds since 1970. */
  readonly unbannedAt: ReadonlyMap<string, number>;
}

/** The policy that stored documents and their entries make. */
export function policyOf(
  trustDomain: string,
  stored: readonly StoredDocument[],
  entries: readonly EntryRecord[],
): Policy {
  const documents = stored.map(({ content }) => JSON.parse(content) as PolicyDocument);
  return {
    trustDomain:
      documents.find((one) => one.kind === "TrustDomain") ?? defaultTrustDomain(trustDomain),
    accessPolicies: documents.filter((one) => one.kind === "AccessPolicy"),
    destinations: documents.filter((one) => one.kind === "Destination"),
    entries: new Map(entries.map((entry) => [entry.id, entry])),
  };
}

/** The state that a policy and the revocations in force make. */
export function stateOf(
  revision: Revision,
  policy: Policy,
  revocations: readonly RevocationRow[],
  unbannedAt: ReadonlyMap<string, number>,
): State {
  return {
    ...revision,
    policy,
    unbannedAt,
    workloadRevocations: new Map(
      revocations.filter((row) => row.issuer === "workload").map((row) => [row.id, row]),
    ),
    banned: new Set(revocations.filter((r) => r.kind === "spiffe_id").map((r) => r.value)),
    revokedControlSerials: new Set(
      revocations.filter((r) => r.kind === "serial" && r.issuer === "control").map((r) => r.value),
    ),
  };
}
