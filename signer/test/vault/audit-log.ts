// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VaultServer } from "../../../test/vault/server.js";

interface Line {
  readonly type: string;
  readonly request: { readonly path: string };
}

/** What Vault was asked, from its own audit log. */
export class AuditLog {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Has a Vault write one, into a folder. */
  static async of(server: VaultServer, folder: string): Promise<AuditLog> {
    const file = join(folder, "vault-audit.jsonl");
    const options = { type: "file", options: { file_path: file, mode: "0600" } };
    await server.operator.write("sys/audit/file", options);
    return new AuditLog(file);
  }

  /** How many requests of a path Vault has answered: "auth/approle/login". */
  count(path: string): number {
    const lines = readFileSync(this.#file, "utf8").trim().split("\n");
    const read = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
    return read.filter(({ type, request }) => type === "response" && request.path === path).length;
  }
}
