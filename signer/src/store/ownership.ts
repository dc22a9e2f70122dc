// SPDX-License-Identifier: Apache-2.0

import SQLite from "better-sqlite3";
import { SignetError } from "@signet/contract";
import { makePrivateFile } from "./private-file.js";

/** A database that is this process's. */
export interface Ownership {
  giveUp(): void;
}

/**
 * Makes a SQLite database this process's, until it gives it up or ends, however that happens: an
 * exclusive transaction is held on a database beside it, PATH.owner. Two signers on one database
 * would each tell its own nodes of its own revocations alone.
 * @throws SignetError DATABASE_UNAVAILABLE when it is another's
 */
export function ownDatabase(path: string): Ownership {
  const beside = `${path}.owner`;
  let held: SQLite.Database | undefined;
  try {
    makePrivateFile(beside);
    held = new SQLite(beside, { timeout: 0 });
    held.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    held?.close();
    const taken = cause instanceof SQLite.SqliteError && cause.code === "SQLITE_BUSY";
    const message = taken
      ? `The database ${path} is another process's: a signer that runs.`
      : `The database ${path} can't be made this process's.`;
    throw new SignetError("DATABASE_UNAVAILABLE", message, { cause });
  }
  const owner = held;
  return { giveUp: () => owner.close() };
}
