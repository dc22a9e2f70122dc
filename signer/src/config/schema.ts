// SPDX-License-Identifier: Apache-2.0

import { isTrustDomain, LIMITS } from "@signet/contract";
import { LOG_LEVELS, type LogLevel } from "@signet/runtime/log-levels.js";
import convict, { type Schema } from "convict";
import type { AppRoleFiles } from "../vault/app-role-files.js";

/** Everything that a signer is told. Files hold the secrets; this never does. */
export interface SignerConfig {
  trustDomain: string;
  listen: { nodes: string; attestation: string; adminSocket: string };
  database: { path: string };
  vault: {
    address: string;
    caFile: string;
    timeoutMs: number;
    deadlineMs: number;
    maxConnections: number;
    signing: AppRoleFiles;
    revocation: AppRoleFiles;
    workload: { mount: string; rootMount: string; svidRole: string };
    control: { mount: string; rootMount: string; nodeRole: string; signerRole: string };
  };
  certificates: { nodeTtl: number; serverTtl: number };
  limits: { signaturesInFlight: number; signaturesInFlightPerNode: number };
  sync: { heartbeatSeconds: number };
  audit: { file: string };
  log: { level: LogLevel };
  shutdownSeconds: number;
}

function format(test: (value: string) => boolean, wanted: string) {
  return (value: unknown) => {
    if (typeof value !== "string" || !test(value)) throw new Error(`must be ${wanted}`);
  };
}

const HOST_PORT = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;
const MOUNT = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;

const trustDomain = format(isTrustDomain, "a trust domain, such as example.org");
const hostPort = format(
  (value) => HOST_PORT.test(value) && Number(value.slice(value.lastIndexOf(":") + 1)) < 65_536,
  "HOST:PORT, such as 0.0.0.0:8443 or [::]:8443",
);
const mount = format((value) => MOUNT.test(value), "the path of a mount, such as signet-workload");
const role = format((value) => /^[A-Za-z0-9_-]+$/.test(value), "the name of a role");
const file = format((value) => value !== "", "the path of a file");
const text = format(() => true, "a string");
const vaultAddress = format(
  (value) =>
    /^https:\/\/[^/?#@]+$/.test(value) ||
    /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(value),
  "https://HOST[:PORT]; plain http only to loopback",
);

function between(low: number, high: number) {
  return (value: unknown) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) {
      throw new Error(`must be a whole number from ${low} to ${high}`);
    }
  };
}

function appRole(name: string, env: string, atStart: string): Schema<AppRoleFiles> {
  return {
    roleIdFile: {
      doc: `File with the RoleID of the AppRole ${name}. The signer logs in with it at start${atStart} that fails is in the log, and tried again.`,
      format: file,
      default: "",
      env: `SIGNET_VAULT_${env}_ROLE_ID_FILE`,
    },
    secretIdFile: {
      doc: `File with the SecretID of the AppRole ${name}. Use this or wrappedSecretIdFile.`,
      format: text,
      default: "",
      env: `SIGNET_VAULT_${env}_SECRET_ID_FILE`,
    },
    wrappedSecretIdFile: {
      doc: `File with a response-wrapping token that holds the SecretID. It is opened at start and works once: deliver a new one for each start.`,
      format: text,
      default: "",
      env: `SIGNET_VAULT_${env}_WRAPPED_SECRET_ID_FILE`,
    },
  };
}

/** The signer's configuration schema: the one source of keys, defaults, checks and documentation. */
export const SCHEMA: Schema<SignerConfig> = {
  trustDomain: {
    doc: "The trust domain of the workloads and of the control plane.",
    format: trustDomain,
    default: "",
    env: "SIGNET_TRUST_DOMAIN",
  },
  listen: {
    nodes: {
      doc: "Where nodes and administrators connect, with certificates on both sides.",
      format: hostPort,
      default: "0.0.0.0:8443",
      env: "SIGNET_LISTEN_NODES",
    },
    attestation: {
      doc: "Where nodes join. Asks for no client certificate.",
      format: hostPort,
      default: "0.0.0.0:8444",
      env: "SIGNET_LISTEN_ATTESTATION",
    },
    adminSocket: {
      doc: "Unix socket for administration, in a directory that only the signer's user may enter. Empty: none.",
      format: text,
      default: "/run/signet-signer/admin.sock",
      env: "SIGNET_ADMIN_SOCKET",
    },
  },
  database: {
    path: {
      doc: "The SQLite database's file. One signer at a time has it: a second that starts is refused.",
      format: file,
      default: "/var/lib/signet-signer/signer.db",
      env: "SIGNET_DATABASE_PATH",
    },
  },
  vault: {
    address: {
      doc: "Vault's address. Redirects are not followed.",
      format: vaultAddress,
      default: "",
      env: "SIGNET_VAULT_ADDRESS",
    },
    caFile: {
      doc: "CA certificates of Vault's own certificate, PEM. Empty: the system's.",
      format: text,
      default: "",
      env: "SIGNET_VAULT_CA_FILE",
    },
    timeoutMs: {
      doc: "Longest wait for one answer of Vault, in milliseconds.",
      format: between(100, 60_000),
      default: 5_000,
      env: "SIGNET_VAULT_TIMEOUT_MS",
    },
    deadlineMs: {
      doc: `Longest wait for a request with its retries, in milliseconds. An agent waits ${LIMITS.wait} s for the signer, to hear why it failed.`,
      format: between(100, LIMITS.answer * 1_000),
      default: 10_000,
      env: "SIGNET_VAULT_DEADLINE_MS",
    },
    maxConnections: {
      doc: `Most signatures that Vault is asked for at a time, each on a connection; two more are for logins and revocations. Who waits for one has it node by node, and waits for at most ${LIMITS.turn} s.`,
      format: between(1, 1_024),
      default: 32,
      env: "SIGNET_VAULT_MAX_CONNECTIONS",
    },
    signing: appRole("signet-signing", "SIGNING", ", and doesn't start without; a later login"),
    revocation: appRole("signet-revocation", "REVOCATION", "; a login"),
    workload: {
      mount: {
        doc: "Mount that issues workloads' certificates.",
        format: mount,
        default: "signet-workload",
        env: "SIGNET_VAULT_WORKLOAD_MOUNT",
      },
      rootMount: {
        doc: "Mount with the workloads' root.",
        format: mount,
        default: "signet-workload-root",
        env: "SIGNET_VAULT_WORKLOAD_ROOT_MOUNT",
      },
      svidRole: {
        doc: "Role that workloads' certificates are signed with.",
        format: role,
        default: "svid",
        env: "SIGNET_VAULT_SVID_ROLE",
      },
    },
    control: {
      mount: {
        doc: "Mount that issues the control plane's certificates.",
        format: mount,
        default: "signet-control",
        env: "SIGNET_VAULT_CONTROL_MOUNT",
      },
      rootMount: {
        doc: "Mount with the control plane's root.",
        format: mount,
        default: "signet-control-root",
        env: "SIGNET_VAULT_CONTROL_ROOT_MOUNT",
      },
      nodeRole: {
        doc: "Role that nodes' certificates are signed with.",
        format: role,
        default: "node",
        env: "SIGNET_VAULT_NODE_ROLE",
      },
      signerRole: {
        doc: "Role that the signer's own certificate is signed with.",
        format: role,
        default: "signer",
        env: "SIGNET_VAULT_SIGNER_ROLE",
      },
    },
  },
  certificates: {
    nodeTtl: {
      doc: "Lifetime of a node's certificate, in seconds.",
      format: between(60, 86_400),
      default: 86_400,
      env: "SIGNET_NODE_TTL",
    },
    serverTtl: {
      doc: "Lifetime of the signer's own certificate, in seconds. Replaced before half of it is over.",
      format: between(60, 86_400),
      default: 86_400,
      env: "SIGNET_SERVER_TTL",
    },
  },
  limits: {
    signaturesInFlight: {
      doc: "Most signatures that are being made at a time, for all nodes. No node has more of them than are left for the others.",
      format: between(LIMITS.requestsPerCall, 65_536),
      default: 1_024,
      env: "SIGNET_SIGNATURES_IN_FLIGHT",
    },
    signaturesInFlightPerNode: {
      doc: `Most signatures that are being made at a time for one node. An agent asks for up to ${LIMITS.requestsInFlight} at a time, ${LIMITS.requestsPerCall} in each call: with less it is told LIMIT_REACHED, and tries again.`,
      format: between(LIMITS.requestsPerCall, 4_096),
      default: 256,
      env: "SIGNET_SIGNATURES_IN_FLIGHT_PER_NODE",
    },
  },
  sync: {
    heartbeatSeconds: {
      doc: `How often a sync stream says that it is alive, in seconds. Agents give up streams that say nothing for ${LIMITS.silence} seconds.`,
      format: between(1, LIMITS.heartbeat),
      default: LIMITS.heartbeat,
      env: "SIGNET_HEARTBEAT_SECONDS",
    },
  },
  audit: {
    file: {
      doc: "Where audit lines are appended. Empty: standard output. While they can't be written no right is given: nothing is signed, joined, applied or unbanned. Revocations go ahead, and have their lines when there is room again, if the signer runs until then.",
      format: text,
      default: "",
      env: "SIGNET_AUDIT_FILE",
    },
  },
  log: {
    level: {
      doc: "Least severity that is logged, to standard error.",
      format: [...LOG_LEVELS],
      default: "info",
      env: "SIGNET_LOG_LEVEL",
    },
  },
  shutdownSeconds: {
    doc: "How long requests under way may take to finish when the signer stops, in seconds.",
    format: between(0, 300),
    default: 10,
    env: "SIGNET_SHUTDOWN_SECONDS",
  },
};

/** What docs/configuration-signer.md is made from. */
export const DOCUMENTED = {
  title: "The signer's configuration",
  program: "signet-signer",
  workspace: "signer",
  schema: SCHEMA,
};

/** A convict object for the schema, with nothing loaded. `env`: environment variables. */
export function emptyConfig(env: NodeJS.ProcessEnv) {
  return convict(SCHEMA, { env, args: [] });
}
