// SPDX-License-Identifier: Apache-2.0

import { sql, type Kysely, type Migration } from "kysely";

/** Indexes for what is looked up while the ledger grows. */
export const indexes: Migration = {
  async up(db: Kysely<unknown>) {
    const onCertificates = (
      name: string,
      columns: ("serial" | "issuer" | "intent_id" | "node_id")[],
    ) => db.schema.createIndex(name).on("certificates").columns(columns).execute();
    await onCertificates("certificates_by_serial", ["serial", "issuer"]);
    await onCertificates("certificates_by_intent", ["intent_id"]);
    await onCertificates("certificates_by_node", ["node_id"]);
    await db.schema
      .createIndex("vault_revocations_pending")
      .on("vault_revocations")
      .columns(["attempts", "requested_at"])
      .where(sql.ref("done_at"), "is", null)
      .execute();
    await db.schema
      .createIndex("vault_revocations_by_revocation")
      .on("vault_revocations")
      .column("revocation_id")
      .execute();
    await db.schema
      .createIndex("revocations_in_force")
      .on("revocations")
      .column("id")
      .where(sql.ref("lifted_at"), "is", null)
      .execute();
  },
};
