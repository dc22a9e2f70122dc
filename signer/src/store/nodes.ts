// SPDX-License-Identifier: Apache-2.0

import type { Query } from "./database.js";
import type { NodeRow } from "./schema.js";

/** A node as the signer knows it. */
export interface NodeRecord extends Omit<NodeRow, "groups"> {
  readonly groups: readonly string[];
}

/** A node's certificate, as far as the node's row holds it. */
export interface NodeCertificateRecord {
  readonly serial: string;
  /** Seconds since 1970. */
  readonly notAfter: number;
}

function record(row: NodeRow): NodeRecord {
  return { ...row, groups: JSON.parse(row.groups) as string[] };
}

/** The node with an ID, or undefined. */
export async function findNode(db: Query, id: string): Promise<NodeRecord | undefined> {
  const row = await db.selectFrom("nodes").selectAll().where("id", "=", id).executeTakeFirst();
  return row && record(row);
}

/** Every node, by ID. */
export async function listNodes(db: Query): Promise<NodeRecord[]> {
  return (await db.selectFrom("nodes").selectAll().orderBy("id").execute()).map(record);
}

/** Records an attestation: the certificate holds at once, and what the node had before is stale. */
export async function recordAttestation(
  trx: Query,
  node: { id: string; groups: readonly string[] },
  certificate: NodeCertificateRecord,
  now: number,
): Promise<void> {
  const values = {
    groups: JSON.stringify(node.groups),
    serial: certificate.serial,
    not_after: certificate.notAfter,
    next_serial: null,
    next_not_after: null,
    attested_at: now,
  };
  await trx
    .insertInto("nodes")
    .values({ id: node.id, last_seen_at: 0, ...values })
    .onConflict((oc) => oc.column("id").doUpdateSet(values))
    .execute();
}

/**
 * Records a renewal: the new certificate takes over on its first use. False when the one that it
 * is to replace is no longer in force, as after another attestation.
 */
export async function recordRenewal(
  trx: Query,
  node: { readonly id: string; readonly serial: string },
  certificate: NodeCertificateRecord,
): Promise<boolean> {
  const result = await trx
    .updateTable("nodes")
    .set({ next_serial: certificate.serial, next_not_after: certificate.notAfter })
    .where("id", "=", node.id)
    .where("serial", "=", node.serial)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Makes the renewed certificate the one in force. False when another call did so before. */
export async function takeOver(db: Query, id: string, serial: string): Promise<boolean> {
  const result = await db
    .updateTable("nodes")
    .set((eb) => ({
      serial: eb.ref("next_serial").$notNull(),
      not_after: eb.ref("next_not_after").$notNull(),
      next_serial: null,
      next_not_after: null,
    }))
    .where("id", "=", id)
    .where("next_serial", "=", serial)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Notes when nodes were last seen. */
export async function recordSeen(db: Query, ids: readonly string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await db.updateTable("nodes").set({ last_seen_at: now }).where("id", "in", ids).execute();
}
