// SPDX-License-Identifier: Apache-2.0

import type { Query } from "./database.js";

/** What a join token stands for. */
export interface TokenRecord {
  readonly hash: string;
  readonly nodeId: string;
  readonly groups: readonly string[];
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly usedAt: number | null;
}

/** Records a token by its hash. Tokens that expired a day ago are forgotten. */
export async function addToken(
  db: Query,
  token: Omit<TokenRecord, "usedAt">,
  now: number,
): Promise<void> {
  await db
    .deleteFrom("tokens")
    .where("expires_at", "<", now - 86_400)
    .execute();
  await db
    .insertInto("tokens")
    .values({
      hash: token.hash,
      node_id: token.nodeId,
      groups: JSON.stringify(token.groups),
      expires_at: token.expiresAt,
      used_at: null,
    })
    .execute();
}

/** The token with a hash, or undefined. */
export async function findToken(db: Query, hash: string): Promise<TokenRecord | undefined> {
  const row = await db.selectFrom("tokens").selectAll().where("hash", "=", hash).executeTakeFirst();
  return (
    row && {
      hash: row.hash,
      nodeId: row.node_id,
      groups: JSON.parse(row.groups) as string[],
      expiresAt: row.expires_at,
      usedAt: row.used_at,
    }
  );
}

/** True when a token was made for a node, used or not, that isn't forgotten. */
export async function hasTokenFor(db: Query, nodeId: string): Promise<boolean> {
  const query = db.selectFrom("tokens").select("hash").where("node_id", "=", nodeId);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Claims a token for one use. False when it was used before. */
export async function claimToken(db: Query, hash: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable("tokens")
    .set({ used_at: now })
    .where("hash", "=", hash)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Gives a claim back when nothing was delivered for it. */
export async function releaseToken(db: Query, hash: string): Promise<void> {
  await db.updateTable("tokens").set({ used_at: null }).where("hash", "=", hash).execute();
}
