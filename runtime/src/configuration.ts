// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { SignetError } from "@signet/contract/signet-error.js";
import type { Config } from "convict";

/**
 * Reads a configuration from a file (YAML, or JSON where its name says so), if one is named, and
 * then the environment, which wins.
 *
 * @param empty Knows the schema and the environment.
 * @throws SignetError CONFIG_INVALID, naming the key; CONFIG_UNREADABLE
 */
export async function readConfiguration<T>(empty: Config<T>, file: string | undefined): Promise<T> {
  try {
    // Loading a file makes convict apply the environment again, so it has the last word.
    if (file !== undefined) empty.load(await readConfigFile(file));
    empty.validate({ allowed: "strict" });
    return empty.getProperties();
  } catch (cause) {
    if (cause instanceof SignetError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SignetError("CONFIG_INVALID", why.trim().replaceAll("\n", "; "), { cause });
  }
}

async function readConfigFile(file: string): Promise<object> {
  const value = await parseConfig(file, readText(file));
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new SignetError("CONFIG_INVALID", `${file} must hold keys and values.`);
  }
  return value;
}

async function parseConfig(file: string, text: string): Promise<unknown> {
  try {
    if (file.endsWith(".json")) return JSON.parse(text);
    // Half of the agent's time to start, where starting is slow.
    const { parse } = await import("yaml");
    return parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new SignetError("CONFIG_INVALID", `${file} is not valid YAML or JSON: ${why}`, { cause });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SignetError("CONFIG_UNREADABLE", `${file} cannot be read.`, { cause });
  }
}
