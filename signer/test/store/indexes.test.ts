// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { sql } from "kysely";
import { openDatabase, type Database } from "../../src/store/database.js";

const LOOKED_UP = {
  "a certificate by its serial":
    "select * from certificates where serial = 'a' order by issuer desc limit 1",
  "the newest certificates": "select * from certificates order by intent_id desc limit 100",
  "the certificates of a SPIFFE ID":
    "select * from certificates where spiffe_id = 'a' and not_after >= 1",
  "the certificates of a node":
    "select * from certificates where issuer = 'workload' and node_id = 'a' and not_after >= 1 and revoked_at is null",
  "what Vault has yet to take":
    "select * from vault_revocations where done_at is null order by attempts, requested_at limit 32",
  "what Vault knows of revocations":
    "select * from vault_revocations where revocation_id in (1, 2)",
  "the revocations in force":
    "select * from revocations where lifted_at is null and (until is null or until >= 5) order by id",
};

describe("the database's indexes", () => {
  const folder = mkdtempSync(join(tmpdir(), "signet-indexes-"));
  let db: Database;

  before(async () => {
    db = await openDatabase(join(folder, "signer.db"));
  });

  after(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  for (const [what, query] of Object.entries(LOOKED_UP)) {
    it(`find ${what} without reading a whole table`, async () => {
      const { rows } = await sql.raw<{ detail: string }>(`explain query plan ${query}`).execute(db);
      const plan = rows.map(({ detail }) => detail).join("; ");
      expect(plan).to.include("USING INDEX").and.not.to.include("TEMP B-TREE FOR ORDER BY");
    });
  }
});
