// SPDX-License-Identifier: Apache-2.0
import convict from "convict";
import { LOG_LEVELS, type LogLevel } from "@signet/runtime/log-levels.js";

const HOST_PORT = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const PIN = /^([0-9a-f]{64})?$/;

/** "host:port" → its parts, brackets of IPv6 addresses removed. @throws Error */
export function parseHostPort(text: string): { host: string; port: number } {
  const match = HOST_PORT.exec(text);
  const [, host = "", port = ""] = match ?? [];
  if (match === null || Number(port) < 1 || Number(port) > 65_535) {
    throw new Error("must be HOST:PORT, such as signer.example.org:8443 or [fd00::1]:8443");
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function hostPort(value: unknown): void {
  parseHostPort(String(value));
}

function optionalHostPort(value: unknown): void {
  if (value !== "") hostPort(value);
}

function absolutePath(value: unknown): void {
  if (typeof value !== "string" || !value.startsWith("/")) throw new Error("must be absolute");
}

function optionalPath(value: unknown): void {
  if (value !== "") absolutePath(value);
}

function pin(value: unknown): void {
  if (typeof value !== "string" || !PIN.test(value)) {
    throw new Error("must be 64 lower-case hex digits, as `signet token create` prints them");
  }
}

/** Every key of the configuration: the one source of docs/configuration-agent.md. */
export const SCHEMA = {
  signer: {
    address: {
      doc: "HOST:PORT of the signer.",
      format: hostPort,
      default: "",
      env: "SIGNET_SIGNER_ADDRESS",
    },
    attestationAddress: {
      doc: "HOST:PORT of the signer's attestation listener. Needed until the node has joined.",
      format: optionalHostPort,
      default: "",
      env: "SIGNET_SIGNER_ATTESTATION_ADDRESS",
    },
  },
  join: {
    caPin: {
      doc: "SHA-256 of the control-plane CA, as `signet token create` prints it. Needed until the node has joined.",
      format: pin,
      default: "",
      env: "SIGNET_JOIN_CA_PIN",
    },
    tokenFile: {
      doc: "File that holds the join token. Needed, or `join.token`, until the node has joined; a new one is taken when its certificate has expired or signers take it no more.",
      format: optionalPath,
      default: "",
      env: "SIGNET_JOIN_TOKEN_FILE",
    },
    token: {
      doc: "The join token itself; a file is better, as other processes of root can read an environment.",
      format: String,
      default: "",
      env: "SIGNET_JOIN_TOKEN",
      sensitive: true,
    },
  },
  stateDir: {
    doc: "Folder for the node's key, certificate and last snapshot. Files are for their owner alone.",
    format: absolutePath,
    default: "/var/lib/signet",
    env: "SIGNET_STATE_DIR",
  },
  bindNetns: {
    doc: "Serve the agent's own network namespace only, as a node of its own, instead of the host.",
    format: Boolean,
    default: false,
    env: "SIGNET_BIND_NETNS",
  },
  log: {
    level: {
      doc: "The least severe lines to log.",
      format: [...LOG_LEVELS],
      default: "info" as LogLevel,
      env: "SIGNET_LOG_LEVEL",
    },
  },
};

/** What docs/configuration-agent.md is made from. */
export const DOCUMENTED = {
  title: "The agent's configuration",
  program: "signet-agent",
  workspace: "agent",
  schema: SCHEMA,
};

/** An empty configuration of the schema, with what the environment says. */
export function emptyConfig(env: NodeJS.ProcessEnv) {
  return convict(SCHEMA, { env, args: [] });
}

/** Everything that an agent is told. */
export type AgentConfig = ReturnType<ReturnType<typeof emptyConfig>["getProperties"]>;
