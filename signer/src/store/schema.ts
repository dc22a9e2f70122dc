// SPDX-License-Identifier: Apache-2.0

import type { Generated, Insertable, Selectable } from "kysely";

// Times are seconds since 1970. Serials are lower-case hex without leading zero octets.
// Only types that SQLite and PostgreSQL share.

/** The one row that says which state this is. */
export interface RevisionTable {
  id: number;
  /** Identifies the database. */
  epoch: string;
  revision: number;
}

export interface DocumentTable {
  kind: string;
  name: string;
  /** The checked document, JSON. */
  content: string;
  applied_at: number;
}

export interface EntryTable {
  id: string;
  /** Name of the Workload document. */
  name: string;
  spiffe_id: string;
  /** SelectorSet[], JSON. */
  workload_selectors: string;
  /** SelectorSet[], JSON. */
  node_selectors: string;
  ttl: number;
}

export interface NodeTable {
  id: string;
  /** string[], JSON. */
  groups: string;
  serial: string;
  not_after: number;
  /** A renewed certificate that was not used yet. */
  next_serial: string | null;
  next_not_after: number | null;
  attested_at: number;
  last_seen_at: number;
}

export interface TokenTable {
  /** SHA-256 of the token, hex. */
  hash: string;
  node_id: string;
  /** string[], JSON. */
  groups: string;
  expires_at: number;
  used_at: number | null;
}

/** What came of an intent to have a certificate signed. */
export type IntentOutcome = "open" | "issued" | "failed" | "discarded" | "interrupted";

export interface IntentTable {
  id: Generated<number>;
  issuer: Issuer;
  spiffe_id: string;
  node_id: string;
  entry_id: string;
  /** SHA-256 of the key's SubjectPublicKeyInfo, hex. */
  key_hash: string;
  ttl: number;
  /** Sum of the revocation epochs of the ID, the entry and the node. */
  revocation_epoch: number;
  requested_at: number;
  outcome: IntentOutcome;
  /** Error code, when it failed. */
  code: string;
}

/** Which authority a certificate is of. */
export type Issuer = "workload" | "control";

export interface CertificateTable {
  issuer: Issuer;
  serial: string;
  intent_id: number;
  spiffe_id: string;
  node_id: string;
  entry_id: string;
  issued_at: number;
  not_before: number;
  not_after: number;
  /** PEM. */
  pem: string;
  revoked_at: number | null;
}

export interface RevocationTable {
  id: Generated<number>;
  /** Whose serial it is; for an ID, whose certificates it names. */
  issuer: Issuer;
  kind: "serial" | "spiffe_id";
  value: string;
  revoked_at: number;
  reason: string;
  /** When a ban was ended, or null. */
  lifted_at: number | null;
  /** When it says nothing any more because the certificate has expired; null for a ban. */
  until: number | null;
}

/** A certificate that Vault is to put on its CRL. */
export interface VaultRevocationTable {
  issuer: Issuer;
  serial: string;
  /** Null for what was discarded before anybody had it. */
  revocation_id: number | null;
  pem: string;
  requested_at: number;
  done_at: number | null;
  attempts: number;
  /** Code of the last failure. */
  code: string;
}

/** How often an ID, an entry or a node was revoked. */
export interface RevocationEpochTable {
  kind: "spiffe_id" | "entry" | "node";
  value: string;
  epoch: number;
}

export interface Schema {
  revision: RevisionTable;
  documents: DocumentTable;
  entries: EntryTable;
  nodes: NodeTable;
  tokens: TokenTable;
  intents: IntentTable;
  certificates: CertificateTable;
  revocations: RevocationTable;
  vault_revocations: VaultRevocationTable;
  revocation_epochs: RevocationEpochTable;
}

export type NodeRow = Selectable<NodeTable>;
export type EntryRow = Selectable<EntryTable>;
export type CertificateRow = Selectable<CertificateTable>;
export type RevocationRow = Selectable<RevocationTable>;
export type NewIntent = Insertable<IntentTable>;
