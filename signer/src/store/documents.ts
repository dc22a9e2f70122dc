// SPDX-License-Identifier: Apache-2.0

import type { Query } from "./database.js";

/** A document as it is stored. */
export interface StoredDocument {
  readonly kind: string;
  readonly name: string;
  /** JSON. */
  readonly content: string;
}

/** Every document, by kind and name. */
export async function listDocuments(db: Query): Promise<StoredDocument[]> {
  return db
    .selectFrom("documents")
    .select(["kind", "name", "content"])
    .orderBy("kind")
    .orderBy("name")
    .execute();
}

/** Stores a document in place of the one of its kind and name. */
export async function putDocument(
  trx: Query,
  document: StoredDocument,
  now: number,
): Promise<void> {
  const content = { content: document.content, applied_at: now };
  await trx
    .insertInto("documents")
    .values({ kind: document.kind, name: document.name, ...content })
    .onConflict((oc) => oc.columns(["kind", "name"]).doUpdateSet(content))
    .execute();
}
