// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { SignetError } from "@signet/contract";
import { parse } from "yaml";
import type { AppRoleFiles } from "../vault/app-role.js";
import { emptyConfig, type SignerConfig } from "./schema.js";

function readConfigFile(file: string): object {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SignetError("CONFIG_UNREADABLE", `the configuration file ${file} cannot be read`, {
      cause,
    });
  }
  let value: unknown;
  try {
    value = parse(text); // JSON is YAML too.
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new SignetError("CONFIG_INVALID", `${file} is not valid YAML or JSON: ${why}`, { cause });
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new SignetError("CONFIG_INVALID", `${file} must hold keys and values`);
  }
  return value;
}

function checkAppRole(key: string, files: AppRoleFiles): void {
  if ((files.secretIdFile === "") === (files.wrappedSecretIdFile === "")) {
    throw new SignetError(
      "CONFIG_INVALID",
      `${key}: exactly one of ${key}.secretIdFile and ${key}.wrappedSecretIdFile must be set`,
    );
  }
}

/**
 * Reads the configuration from a file (YAML or JSON), if one is named, and then the environment,
 * which wins.
 * @throws SignetError CONFIG_INVALID, naming the key; CONFIG_UNREADABLE
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv): SignerConfig {
  try {
    const config = emptyConfig(env);
    // Loading a file makes convict apply the environment again, so it has the last word.
    if (file !== undefined) config.load(readConfigFile(file));
    config.validate({ allowed: "strict" });
    const values = config.getProperties();
    checkAppRole("vault.signing", values.vault.signing);
    checkAppRole("vault.revocation", values.vault.revocation);
    return values;
  } catch (cause) {
    if (cause instanceof SignetError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SignetError("CONFIG_INVALID", why.trim().replaceAll("\n", "; "), { cause });
  }
}
