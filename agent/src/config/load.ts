// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { SignetError } from "@signet/contract/signet-error.js";
import { readConfiguration } from "@signet/runtime/configuration.js";
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

/** The agent's configuration. @throws SignetError CONFIG_INVALID, CONFIG_UNREADABLE */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv): Promise<AgentConfig> {
  return readConfiguration(emptyConfig(env), file);
}
