// SPDX-License-Identifier: Apache-2.0

import { LIMITS, nodeSpiffeId, type messages } from "@signet/contract";
import type { CurrentState } from "../state/current-state.js";
import type { Database } from "../store/database.js";
import { listCertificates } from "../store/ledger.js";
import { listNodes } from "../store/nodes.js";
import { listRevocations, vaultStates } from "../store/revocations.js";
import type { SyncHub } from "../sync/sync-hub.js";
import { entryMessage, explainedRevocation } from "../sync/wire.js";

/** What Listings works with. */
export interface ListingsParts {
  readonly db: Database;
  readonly state: CurrentState;
  readonly hub: SyncHub;
  readonly trustDomain: string;
}

/** What operators look at. */
export class Listings {
  readonly #parts: ListingsParts;

  constructor(parts: ListingsParts) {
    this.#parts = parts;
  }

  entries(): messages.ListEntriesResponseInput {
    const entries = [...this.#parts.state.value.policy.entries.values()];
    return {
      entries: entries.map((entry) => ({
        ...entryMessage(entry),
        nodeSelectors: [...entry.nodeSelectors],
      })),
    };
  }

  async nodes(): Promise<messages.ListNodesResponseInput> {
    const { db, hub, trustDomain } = this.#parts;
    const nodes = (await listNodes(db)).map((node) => {
      const revision = hub.revisionOf(node.id);
      return {
        id: node.id,
        spiffeId: nodeSpiffeId(trustDomain, node.id),
        groups: [...node.groups],
        serial: node.serial,
        notAfter: node.not_after,
        attestedAt: node.attested_at,
        lastSeenAt: node.last_seen_at,
        connected: revision !== undefined,
        revision: revision ?? 0,
      };
    });
    return { nodes };
  }

  async revocations(): Promise<messages.ListRevocationsResponseInput> {
    const { db } = this.#parts;
    const rows = await listRevocations(db, LIMITS.mostListed);
    const ids = rows.map(({ id }) => id);
    const states = await vaultStates(db, ids);
    return {
      revocations: rows.map((row) => {
        const { inVault, pending } = states.get(row.id) ?? { inVault: [], pending: [] };
        return { revocation: explainedRevocation(row), inVault, pending };
      }),
    };
  }

  async certificates(
    request: messages.ListCertificatesRequest,
  ): Promise<messages.ListCertificatesResponseInput> {
    const limit = Math.min(request.limit === 0 ? LIMITS.listed : request.limit, LIMITS.mostListed);
    const rows = await listCertificates(this.#parts.db, request.spiffeId, limit);
    return {
      certificates: rows.map((row) => ({
        serial: row.serial,
        spiffeId: row.spiffe_id,
        nodeId: row.node_id,
        entryId: row.entry_id,
        issuedAt: row.issued_at,
        notBefore: row.not_before,
        notAfter: row.not_after,
        revokedAt: row.revoked_at ?? 0,
        pem: row.pem,
      })),
    };
  }
}
