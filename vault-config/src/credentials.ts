// SPDX-License-Identifier: Apache-2.0

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { APPROLES } from "./data.js";
import { writeSecret } from "./secret-file.js";
import type { Vault } from "./vault.js";

/**
 * Writes a RoleID and a response-wrapped SecretID for each AppRole into a folder, as
 * `signing.role-id`, `signing.wrapped-secret-id`, `revocation.role-id` and
 * `revocation.wrapped-secret-id`. A wrapping token works once: if it fails at the signer, someone
 * else opened it.
 * @param wrapTtl seconds in which the signer must unwrap
 */
export async function writeCredentials(vault: Vault, folder: string, wrapTtl: number) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of APPROLES) {
    const short = name.replace("signet-", "");
    const role = await vault.read(`auth/approle/role/${name}/role-id`);
    const roleId = role?.["role_id"];
    if (typeof roleId !== "string") throw new Error(`AppRole ${name} is missing: apply first`);
    const wrapped = await vault.wrapped(`auth/approle/role/${name}/secret-id`, {}, wrapTtl);
    await writeSecret(join(folder, `${short}.role-id`), `${roleId}\n`);
    await writeSecret(join(folder, `${short}.wrapped-secret-id`), `${wrapped}\n`);
  }
}
