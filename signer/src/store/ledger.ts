// SPDX-License-Identifier: Apache-2.0

import type { ErrorCode } from "@signet/contract";
import type { Query } from "./database.js";
import type { CertificateRow, IntentOutcome, Issuer, NewIntent } from "./schema.js";

/** Records the intent to have a certificate signed, before Vault is asked. Returns its ID. */
export async function openIntent(
  trx: Query,
  intent: Omit<NewIntent, "id" | "outcome" | "code">,
): Promise<number> {
  const row = await trx
    .insertInto("intents")
    .values({ ...intent, outcome: "open", code: "" })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Records what came of an intent. */
export async function closeIntent(
  trx: Query,
  id: number,
  outcome: IntentOutcome,
  code: ErrorCode | "" = "",
): Promise<void> {
  await trx.updateTable("intents").set({ outcome, code }).where("id", "=", id).execute();
}

/** Marks the intents that a crash left open. Returns how many there were. */
export async function closeInterrupted(db: Query): Promise<number> {
  const result = await db
    .updateTable("intents")
    .set({ outcome: "interrupted" })
    .where("outcome", "=", "open")
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Records a certificate, before it is delivered. */
export async function addCertificate(
  trx: Query,
  certificate: Omit<CertificateRow, "revoked_at">,
  revokedAt: number | null = null,
): Promise<void> {
  await trx
    .insertInto("certificates")
    .values({ ...certificate, revoked_at: revokedAt })
    .execute();
}

/** The certificate with a serial, of the workloads' issuer first; undefined when there is none. */
export async function findCertificate(
  db: Query,
  serial: string,
): Promise<CertificateRow | undefined> {
  return db
    .selectFrom("certificates")
    .selectAll()
    .where("serial", "=", serial)
    .orderBy("issuer", "desc")
    .executeTakeFirst();
}

/** True when a certificate was issued for a SPIFFE ID, or is being signed. */
export async function isInLedger(db: Query, spiffeId: string): Promise<boolean> {
  const issued = db.selectFrom("certificates").select("serial").where("spiffe_id", "=", spiffeId);
  if ((await issued.executeTakeFirst()) !== undefined) return true;
  const open = db.selectFrom("intents").select("id").where("outcome", "=", "open");
  return (await open.where("spiffe_id", "=", spiffeId).executeTakeFirst()) !== undefined;
}

/** The certificates of a SPIFFE ID that have not expired, revoked ones included. */
export async function unexpiredCertificates(
  db: Query,
  spiffeId: string,
  now: number,
): Promise<CertificateRow[]> {
  return db
    .selectFrom("certificates")
    .selectAll()
    .where("spiffe_id", "=", spiffeId)
    .where("not_after", ">=", now)
    .execute();
}

/** The workloads' certificates that a node holds: neither expired nor revoked. */
export async function certificatesOfNode(
  db: Query,
  nodeId: string,
  now: number,
): Promise<CertificateRow[]> {
  return db
    .selectFrom("certificates")
    .selectAll()
    .where("issuer", "=", "workload")
    .where("node_id", "=", nodeId)
    .where("not_after", ">=", now)
    .where("revoked_at", "is", null)
    .execute();
}

/** Notes that a certificate is revoked; the first time counts. */
export async function markSerialRevoked(
  trx: Query,
  issuer: Issuer,
  serial: string,
  now: number,
): Promise<void> {
  await trx
    .updateTable("certificates")
    .set({ revoked_at: now })
    .where("issuer", "=", issuer)
    .where("serial", "=", serial)
    .where("revoked_at", "is", null)
    .execute();
}

/** Notes that every unexpired certificate of a SPIFFE ID is revoked; the first time counts. */
export async function markIdentityRevoked(
  trx: Query,
  spiffeId: string,
  now: number,
): Promise<void> {
  await trx
    .updateTable("certificates")
    .set({ revoked_at: now })
    .where("spiffe_id", "=", spiffeId)
    .where("not_after", ">=", now)
    .where("revoked_at", "is", null)
    .execute();
}

/** Certificates, newest first; of one SPIFFE ID unless it is "". */
export async function listCertificates(
  db: Query,
  spiffeId: string,
  limit: number,
): Promise<CertificateRow[]> {
  let query = db.selectFrom("certificates").selectAll();
  if (spiffeId !== "") query = query.where("spiffe_id", "=", spiffeId);
  return query.orderBy("intent_id", "desc").limit(limit).execute();
}
