// SPDX-License-Identifier: Apache-2.0

import { adminNameOf, nodeIdOf, type SpiffeId } from "@signet/contract";
import type { Query } from "../store/database.js";
import { hasEntryFor } from "../store/entries.js";
import { hasCertificateOf } from "../store/ledger.js";
import { findNode } from "../store/nodes.js";

/**
 * Could anything that this signer knows have the SPIFFE ID? An entry, a node, or a certificate that
 * was issued and isn't pruned. Vault signs administrators' certificates without the signer, so each
 * of their names could be one.
 */
export async function isKnownIdentity(db: Query, id: SpiffeId): Promise<boolean> {
  const node = nodeIdOf(id);
  if (adminNameOf(id) !== undefined) return true;
  if (node !== undefined && (await findNode(db, node)) !== undefined) return true;
  return (await hasEntryFor(db, id)) || hasCertificateOf(db, id);
}
