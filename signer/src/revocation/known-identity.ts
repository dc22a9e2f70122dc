// SPDX-License-Identifier: Apache-2.0

import { adminNameOf, nodeIdOf, type SpiffeId } from "@signet/contract";
import type { Query } from "../store/database.js";
import { hasEntryFor } from "../store/entries.js";
import { isInLedger } from "../store/ledger.js";
import { findNode } from "../store/nodes.js";
import { hasTokenFor } from "../store/tokens.js";

/**
 * Could anything that this signer knows have the SPIFFE ID? An entry, a node, also one for which a
 * join token was made, or a certificate that was issued or is being signed. Vault signs
 * administrators' certificates without the signer, so each of their names could be one.
 */
export async function isKnownIdentity(db: Query, id: SpiffeId): Promise<boolean> {
  const node = nodeIdOf(id);
  if (adminNameOf(id) !== undefined) return true;
  if (node !== undefined && (await isExpected(db, node))) return true;
  return (await hasEntryFor(db, id)) || isInLedger(db, id);
}

async function isExpected(db: Query, node: string): Promise<boolean> {
  return (await findNode(db, node)) !== undefined || hasTokenFor(db, node);
}
