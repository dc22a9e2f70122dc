// SPDX-License-Identifier: Apache-2.0

import type { Query } from "./database.js";
import type { Issuer, RevocationEpochTable, RevocationRow } from "./schema.js";

// Databases limit the values of one statement.
const ROWS_AT_ONCE = 500;

/** What a revocation epoch is kept of. */
export type EpochSubject = Readonly<Pick<RevocationEpochTable, "kind" | "value">>;

/** The sum of the revocation epochs of these subjects; grows with each revocation of any of them. */
export async function revocationEpoch(
  db: Query,
  subjects: readonly EpochSubject[],
): Promise<number> {
  const rows = await db
    .selectFrom("revocation_epochs")
    .select("epoch")
    .where((eb) => eb.or(subjects.map(({ kind, value }) => eb.and({ kind, value }))))
    .execute();
  return rows.reduce((sum, { epoch }) => sum + epoch, 0);
}

/** Raises the revocation epoch of a subject. */
export async function raiseRevocationEpoch(trx: Query, subject: EpochSubject): Promise<void> {
  await trx
    .insertInto("revocation_epochs")
    .values({ ...subject, epoch: 1 })
    .onConflict((oc) =>
      oc
        .columns(["kind", "value"])
        .doUpdateSet((eb) => ({ epoch: eb("revocation_epochs.epoch", "+", 1) })),
    )
    .execute();
}

/** Records a revocation. */
export async function addRevocation(
  trx: Query,
  revocation: Omit<RevocationRow, "id" | "lifted_at">,
): Promise<RevocationRow> {
  return trx
    .insertInto("revocations")
    .values({ ...revocation, lifted_at: null })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The revocation of a serial or SPIFFE ID that holds, or undefined. */
export async function findRevocation(
  db: Query,
  kind: RevocationRow["kind"],
  value: string,
): Promise<RevocationRow | undefined> {
  return db
    .selectFrom("revocations")
    .selectAll()
    .where("kind", "=", kind)
    .where("value", "=", value)
    .where("lifted_at", "is", null)
    .executeTakeFirst();
}

/** Ends a ban. */
export async function liftRevocation(trx: Query, id: number, now: number): Promise<void> {
  await trx.updateTable("revocations").set({ lifted_at: now }).where("id", "=", id).execute();
}

/** The revocations that say something at `now`, by ID. */
export async function revocationsInForce(db: Query, now: number): Promise<RevocationRow[]> {
  return db
    .selectFrom("revocations")
    .selectAll()
    .where("lifted_at", "is", null)
    .where((eb) => eb.or([eb("until", "is", null), eb("until", ">=", now)]))
    .orderBy("id")
    .execute();
}

/** When the last ban of each SPIFFE ID of the control plane ended, for those that had one. */
export async function liftedControlBans(db: Query): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("revocations")
    .select(["value", (eb) => eb.fn.max("lifted_at").as("lifted_at")])
    .where("issuer", "=", "control")
    .where("kind", "=", "spiffe_id")
    .where("lifted_at", "is not", null)
    .groupBy("value")
    .execute();
  return new Map(rows.map(({ value, lifted_at }) => [value, Number(lifted_at)]));
}

/** Every revocation that was not lifted, newest first. */
export async function listRevocations(db: Query, limit: number): Promise<RevocationRow[]> {
  return db
    .selectFrom("revocations")
    .selectAll()
    .where("lifted_at", "is", null)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** A certificate that Vault is to be told of. */
export interface VaultRevocation {
  readonly issuer: Issuer;
  readonly serial: string;
  readonly pem: string;
}

/** Puts certificates into the queue for Vault; those that are there already stay as they are. */
export async function queueForVault(
  trx: Query,
  certificates: readonly VaultRevocation[],
  revocationId: number | null,
  now: number,
): Promise<void> {
  const rows = certificates.map(({ issuer, serial, pem }) => ({
    issuer,
    serial,
    pem,
    revocation_id: revocationId,
    requested_at: now,
    done_at: null,
    attempts: 0,
    code: "",
  }));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await trx
      .insertInto("vault_revocations")
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .onConflict((oc) => oc.columns(["issuer", "serial"]).doNothing())
      .execute();
  }
}

/** What Vault has yet to take, the oldest first. */
export async function pendingForVault(db: Query, limit: number): Promise<VaultRevocation[]> {
  return db
    .selectFrom("vault_revocations")
    .select(["issuer", "serial", "pem"])
    .where("done_at", "is", null)
    .orderBy("attempts")
    .orderBy("requested_at")
    .limit(limit)
    .execute();
}

/** Records that Vault took a revocation, or why it did not. */
export async function recordVaultAnswer(
  db: Query,
  { issuer, serial }: Pick<VaultRevocation, "issuer" | "serial">,
  answer: { readonly doneAt: number | null; readonly code: string },
): Promise<void> {
  await db
    .updateTable("vault_revocations")
    .set((eb) => ({
      done_at: answer.doneAt,
      code: answer.code,
      attempts: eb("attempts", "+", 1),
    }))
    .where("issuer", "=", issuer)
    .where("serial", "=", serial)
    .execute();
}

/** The serials of a revocation that Vault has, and has yet to take. */
export interface VaultState {
  readonly inVault: string[];
  readonly pending: string[];
}

/** What Vault knows of these revocations, by ID. */
export async function vaultStates(
  db: Query,
  revocationIds: readonly number[],
): Promise<ReadonlyMap<number, VaultState>> {
  const states = new Map<number, VaultState>(
    revocationIds.map((id) => [id, { inVault: [], pending: [] }]),
  );
  if (states.size === 0) return states;
  const rows = await db
    .selectFrom("vault_revocations")
    .select(["revocation_id", "serial", "done_at"])
    .where("revocation_id", "in", revocationIds)
    .execute();
  for (const { revocation_id, serial, done_at } of rows) {
    const state = states.get(revocation_id ?? 0);
    (done_at === null ? state?.pending : state?.inVault)?.push(serial);
  }
  return states;
}
