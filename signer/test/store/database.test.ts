// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { sql } from "kysely";
import { systemClock } from "@signet/runtime/clock.js";
import { CurrentState } from "../../src/state/current-state.js";
import { openDatabase } from "../../src/store/database.js";
import { findNode, listNodes } from "../../src/store/nodes.js";
import { findToken } from "../../src/store/tokens.js";
import { refusal } from "../refusal.js";

describe("the database", () => {
  const folder = mkdtempSync(join(tmpdir(), "signet-database-"));

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("is DATABASE_UNAVAILABLE when its file is none", async () => {
    const file = join(folder, "text.db");
    writeFileSync(file, "This is no database.".repeat(100));
    expect(await refusal(openDatabase(file))).to.equal("DATABASE_UNAVAILABLE");
  });

  it("is DATABASE_UNAVAILABLE wherever a query fails, in a transaction or not", async () => {
    const db = await openDatabase(join(folder, "signer.db"));
    const state = await CurrentState.load(db, "database.test", systemClock);
    for (const table of ["nodes", "tokens"]) await sql`drop table ${sql.table(table)}`.execute(db);
    const queries = [
      findNode(db, "n"),
      listNodes(db),
      findToken(db, "t"),
      state.change(async (trx) => ({ result: await findNode(trx, "n"), changed: "nothing" })),
    ];
    for (const query of queries) expect(await refusal(query)).to.equal("DATABASE_UNAVAILABLE");
    await db.destroy();
  });
});
