// SPDX-License-Identifier: Apache-2.0

import SQLite from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect, type DatabaseConnection, type Transaction } from "kysely";
import { SignetError } from "@signet/contract";
import { first } from "./migrations/first.js";
import { indexes } from "./migrations/indexes.js";
import { makePrivateFile } from "./private-file.js";
import type { Schema } from "./schema.js";

/** The signer's database. */
export type Database = Kysely<Schema>;
/** A transaction, or the database where one statement is enough. */
export type Query = Kysely<Schema> | Transaction<Schema>;

const MIGRATIONS = { "0001_first": first, "0002_indexes": indexes };
const BUSY_MS = 5_000;

/**
 * Opens the SQLite database, readable by its owner only, and brings its tables up to date. What was
 * committed is on disk before the commit returns.
 * @throws SignetError DATABASE_UNAVAILABLE
 */
export async function openDatabase(path: string): Promise<Database> {
  try {
    const database = connect(path);
    const dialect = new SqliteDialect({ database, onCreateConnection: nameFaults });
    const db = new Kysely<Schema>({ dialect });
    await migrate(db);
    return db;
  } catch (cause) {
    throw new SignetError("DATABASE_UNAVAILABLE", `The database ${path} cannot be opened.`, {
      cause,
    });
  }
}

function connect(path: string): SQLite.Database {
  makePrivateFile(path);
  const sqlite = new SQLite(path, { timeout: BUSY_MS });
  sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = FULL");
  sqlite.pragma("foreign_keys = ON");
  return sqlite;
}

async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error("migration failed");
}

/** What SQLite fails with becomes DATABASE_UNAVAILABLE, wherever the query was made. */
function nameFaults(connection: DatabaseConnection): Promise<void> {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query) => {
    try {
      return await execute(query);
    } catch (cause) {
      if (!(cause instanceof SQLite.SqliteError)) throw cause;
      throw new SignetError("DATABASE_UNAVAILABLE", undefined, { cause });
    }
  };
  return Promise.resolve();
}
