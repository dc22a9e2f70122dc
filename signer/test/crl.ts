// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import type { VaultServer } from "../../test/vault/server.js";

/** The serials on a mount's CRL, as OpenSSL reads it. */
export async function revokedSerials(vault: VaultServer, mount: string): Promise<string[]> {
  const input = await vault.public(`${mount}/crl/pem`);
  const text = execFileSync("openssl", ["crl", "-noout", "-text"], { input }).toString();
  return [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, hex]) =>
    (hex ?? "").toLowerCase().replace(/^(?:00)+/, ""),
  );
}
