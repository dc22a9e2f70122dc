// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import { readConfiguration } from "@signet/runtime/configuration.js";
import type { AppRoleFiles } from "../vault/app-role-files.js";
import { emptyConfig, type SignerConfig } from "./schema.js";

function checkAppRole(key: string, files: AppRoleFiles): void {
  if ((files.secretIdFile === "") === (files.wrappedSecretIdFile === "")) {
    throw new SignetError(
      "CONFIG_INVALID",
      `${key}: exactly one of ${key}.secretIdFile and ${key}.wrappedSecretIdFile must be set`,
    );
  }
}

/** The signer's configuration. @throws SignetError CONFIG_INVALID, CONFIG_UNREADABLE */
export async function loadConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<SignerConfig> {
  const config = await readConfiguration(emptyConfig(env), file);
  checkAppRole("vault.signing", config.vault.signing);
  checkAppRole("vault.revocation", config.vault.revocation);
  return config;
}
