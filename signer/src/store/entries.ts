// SPDX-License-Identifier: Apache-2.0

import { randomUUID } from "node:crypto";
import type { messages } from "@signet/contract";
import type { Query } from "./database.js";
import { raiseRevocationEpoch } from "./revocations.js";
import type { EntryRow } from "./schema.js";

/** An entry: these workloads, on these nodes, are this SPIFFE ID. */
export interface EntryRecord {
  readonly id: string;
  /** Name of the Workload document. */
  readonly name: string;
  readonly spiffeId: string;
  readonly workloadSelectors: readonly messages.SelectorSet[];
  readonly nodeSelectors: readonly messages.SelectorSet[];
  /** Seconds. */
  readonly ttl: number;
}

function record(row: EntryRow): EntryRecord {
  return {
    id: row.id,
    name: row.name,
    spiffeId: row.spiffe_id,
    workloadSelectors: JSON.parse(row.workload_selectors) as messages.SelectorSet[],
    nodeSelectors: JSON.parse(row.node_selectors) as messages.SelectorSet[],
    ttl: row.ttl,
  };
}

/** Every entry, by name. */
export async function listEntries(db: Query): Promise<EntryRecord[]> {
  return (await db.selectFrom("entries").selectAll().orderBy("name").execute()).map(record);
}

/** The entry with an ID, or undefined. */
export async function findEntry(db: Query, id: string): Promise<EntryRecord | undefined> {
  const row = await db.selectFrom("entries").selectAll().where("id", "=", id).executeTakeFirst();
  return row && record(row);
}

/** True when an entry gives this SPIFFE ID. */
export async function hasEntryFor(db: Query, spiffeId: string): Promise<boolean> {
  const query = db.selectFrom("entries").select("id").where("spiffe_id", "=", spiffeId);
  return (await query.executeTakeFirst()) !== undefined;
}

/**
 * Stores the entry of a Workload document. It keeps its ID as long as its name and SPIFFE ID stay:
 * another SPIFFE ID is another entry. Where other nodes may hold it than before, its revocation
 * epoch grows, so that no signature for them is under way.
 */
export async function putEntry(trx: Query, entry: Omit<EntryRecord, "id">): Promise<void> {
  const values = {
    spiffe_id: entry.spiffeId,
    workload_selectors: JSON.stringify(entry.workloadSelectors),
    node_selectors: JSON.stringify(entry.nodeSelectors),
    ttl: entry.ttl,
  };
  const found = await trx
    .selectFrom("entries")
    .select(["id", "spiffe_id", "node_selectors"])
    .where("name", "=", entry.name)
    .executeTakeFirst();
  if (found === undefined) {
    await trx
      .insertInto("entries")
      .values({ id: randomUUID(), name: entry.name, ...values })
      .execute();
    return;
  }
  const id = found.spiffe_id === entry.spiffeId ? found.id : randomUUID();
  if (id !== found.id || values.node_selectors !== found.node_selectors) {
    await raiseRevocationEpoch(trx, { kind: "entry", value: found.id });
  }
  await trx
    .updateTable("entries")
    .set({ id, ...values })
    .where("name", "=", entry.name)
    .execute();
}
