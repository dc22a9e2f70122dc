// SPDX-License-Identifier: Apache-2.0

import type { Query } from "./database.js";

/** Which state of which database. */
export interface Revision {
  readonly epoch: string;
  readonly revision: number;
}

/** The revision that holds. */
export async function currentRevision(db: Query): Promise<Revision> {
  return db.selectFrom("revision").select(["epoch", "revision"]).executeTakeFirstOrThrow();
}

/** Raises the revision, in the transaction that makes the change. */
export async function raiseRevision(trx: Query): Promise<Revision> {
  return trx
    .updateTable("revision")
    .set((eb) => ({ revision: eb("revision", "+", 1) }))
    .returning(["epoch", "revision"])
    .executeTakeFirstOrThrow();
}
