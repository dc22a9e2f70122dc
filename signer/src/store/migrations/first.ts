// SPDX-License-Identifier: Apache-2.0

import { randomUUID } from "node:crypto";
import type { Kysely, Migration } from "kysely";

/** What is written while the tables are made. */
interface Written {
  revision: { id: number; epoch: string; revision: number };
}

async function policyTables(db: Kysely<Written>): Promise<void> {
  await db.schema
    .createTable("revision")
    .addColumn("id", "integer", (c) => c.primaryKey())
    .addColumn("epoch", "text", (c) => c.notNull())
    .addColumn("revision", "bigint", (c) => c.notNull())
    .execute();
  await db.insertInto("revision").values({ id: 1, epoch: randomUUID(), revision: 1 }).execute();
  await db.schema
    .createTable("documents")
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("content", "text", (c) => c.notNull())
    .addColumn("applied_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("documents_key", ["kind", "name"])
    .execute();
  await db.schema
    .createTable("entries")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull().unique())
    .addColumn("spiffe_id", "text", (c) => c.notNull())
    .addColumn("workload_selectors", "text", (c) => c.notNull())
    .addColumn("node_selectors", "text", (c) => c.notNull())
    .addColumn("ttl", "integer", (c) => c.notNull())
    .execute();
}

async function nodeTables(db: Kysely<Written>): Promise<void> {
  await db.schema
    .createTable("nodes")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("groups", "text", (c) => c.notNull())
    .addColumn("serial", "text", (c) => c.notNull())
    .addColumn("not_after", "bigint", (c) => c.notNull())
    .addColumn("next_serial", "text")
    .addColumn("next_not_after", "bigint")
    .addColumn("attested_at", "bigint", (c) => c.notNull())
    .addColumn("last_seen_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("tokens")
    .addColumn("hash", "text", (c) => c.primaryKey())
    .addColumn("node_id", "text", (c) => c.notNull())
    .addColumn("groups", "text", (c) => c.notNull())
    .addColumn("expires_at", "bigint", (c) => c.notNull())
    .addColumn("used_at", "bigint")
    .execute();
}

async function ledgerTables(db: Kysely<Written>): Promise<void> {
  await db.schema
    .createTable("intents")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("issuer", "text", (c) => c.notNull())
    .addColumn("spiffe_id", "text", (c) => c.notNull())
    .addColumn("node_id", "text", (c) => c.notNull())
    .addColumn("entry_id", "text", (c) => c.notNull())
    .addColumn("key_hash", "text", (c) => c.notNull())
    .addColumn("ttl", "integer", (c) => c.notNull())
    .addColumn("revocation_epoch", "bigint", (c) => c.notNull())
    .addColumn("requested_at", "bigint", (c) => c.notNull())
    .addColumn("outcome", "text", (c) => c.notNull())
    .addColumn("code", "text", (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("intents_open")
    .on("intents")
    .column("outcome")
    .where("outcome", "=", "open")
    .execute();
  await db.schema
    .createTable("certificates")
    .addColumn("issuer", "text", (c) => c.notNull())
    .addColumn("serial", "text", (c) => c.notNull())
    .addColumn("intent_id", "integer", (c) => c.notNull().references("intents.id"))
    .addColumn("spiffe_id", "text", (c) => c.notNull())
    .addColumn("node_id", "text", (c) => c.notNull())
    .addColumn("entry_id", "text", (c) => c.notNull())
    .addColumn("issued_at", "bigint", (c) => c.notNull())
    .addColumn("not_before", "bigint", (c) => c.notNull())
    .addColumn("not_after", "bigint", (c) => c.notNull())
    .addColumn("pem", "text", (c) => c.notNull())
    .addColumn("revoked_at", "bigint")
    .addPrimaryKeyConstraint("certificates_key", ["issuer", "serial"])
    .execute();
  await db.schema
    .createIndex("certificates_by_id")
    .on("certificates")
    .columns(["spiffe_id", "not_after"])
    .execute();
}

async function revocationTables(db: Kysely<Written>): Promise<void> {
  await db.schema
    .createTable("revocations")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("issuer", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("revoked_at", "bigint", (c) => c.notNull())
    .addColumn("reason", "text", (c) => c.notNull())
    .addColumn("lifted_at", "bigint")
    .addColumn("until", "bigint")
    .execute();
  await db.schema
    .createIndex("revocations_by_value")
    .on("revocations")
    .columns(["kind", "value"])
    .execute();
  await db.schema
    .createTable("vault_revocations")
    .addColumn("issuer", "text", (c) => c.notNull())
    .addColumn("serial", "text", (c) => c.notNull())
    .addColumn("revocation_id", "integer", (c) => c.references("revocations.id"))
    .addColumn("pem", "text", (c) => c.notNull())
    .addColumn("requested_at", "bigint", (c) => c.notNull())
    .addColumn("done_at", "bigint")
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("code", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("vault_revocations_key", ["issuer", "serial"])
    .execute();
  await db.schema
    .createTable("revocation_epochs")
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("epoch", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("revocation_epochs_key", ["kind", "value"])
    .execute();
}

/** Everything that a signer keeps. */
export const first: Migration = {
  async up(db: Kysely<Written>) {
    await policyTables(db);
    await nodeTables(db);
    await ledgerTables(db);
    await revocationTables(db);
  },
};
