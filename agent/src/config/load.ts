// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SignetError } from "@signet/contract/signet-error.js";
import { emptyConfig, type AgentConfig } from "./schema.js";

/** What the command line asks for. */
export interface CommandLine {
  readonly help: boolean;
  /** The configuration file. */
  readonly config: string | undefined;
}

export const HELP = `signet-agent --config FILE

Serves the kernel module of this node: says who processes are, has their certificates signed, keeps
policy in force. FILE is YAML or JSON; SIGNET_* variables win over it. Needs root.

  --config FILE  the configuration (docs/configuration-agent.md)
  --help         this text
`;

/** Reads the command line. @throws SignetError USAGE */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: "string" }, help: { type: "boolean", default: false } },
    });
    return { help: values.help, config: values.config };
  } catch (cause) {
    throw new SignetError("USAGE", cause instanceof Error ? cause.message : undefined, { cause });
  }
}

/**
 * Reads the configuration from a file (YAML, or JSON where its name says so), if one is named, and then the environment,
 * which wins.
 *
 * @throws SignetError CONFIG_INVALID, naming the key; CONFIG_UNREADABLE.
 */
export async function loadConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<AgentConfig> {
  try {
    const config = emptyConfig(env);
    // Loading a file makes convict apply the environment again, so it has the last word.
    if (file !== undefined) config.load(await readConfigFile(file));
    config.validate({ allowed: "strict" });
    return config.getProperties();
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
