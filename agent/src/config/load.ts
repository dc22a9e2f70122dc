// SPDX-License-Identifier: Apache-2.0
import { readConfiguration } from "@signet/runtime/configuration.js";
import { emptyConfig, type AgentConfig } from "./schema.js";

export const HELP = `signet-agent --config FILE

Serves the kernel module of this node: says who processes are, has their certificates signed, keeps
policy in force. FILE is YAML or JSON; SIGNET_* variables win over it. Needs root.

  --config FILE  the configuration (docs/configuration-agent.md)
  --help         this text
`;

/** The agent's configuration. @throws SignetError CONFIG_INVALID, CONFIG_UNREADABLE */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv): Promise<AgentConfig> {
  return readConfiguration(emptyConfig(env), file);
}
