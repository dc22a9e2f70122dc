// SPDX-License-Identifier: Apache-2.0

import { Option, type Command } from "commander";
import type { AdminClient, Calls, SignerPlace } from "./admin-client.js";
import type { OutputOptions } from "./io.js";

/** The options that every command with a signer has. */
export interface SignerOptions extends SignerPlace, OutputOptions {}

/** Adds the options that say where the signer is. */
export function addSignerOptions(command: Command): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env);
  return command
    .addOption(
      option(
        "--socket <path>",
        "the signer's Unix socket, which only root opens",
        "SIGNET_ADMIN_SOCKET",
      ).default("/run/signet-signer/admin.sock"),
    )
    .addOption(option("--signer <host:port>", "a signer elsewhere, by mutual TLS", "SIGNET_SIGNER"))
    .addOption(option("--cert <file>", "administrator's certificate chain, PEM", "SIGNET_CERT"))
    .addOption(option("--key <file>", "its private key, PEM", "SIGNET_KEY"))
    .addOption(option("--ca <file>", "control-plane root, PEM", "SIGNET_CA"))
    .option("--json", "print JSON");
}

/**
 * Opens a client, has it used, and closes it. gRPC takes long to load: what needs no signer goes
 * without it.
 * @throws SignetError USAGE, FILE_UNREADABLE, PERMISSION_DENIED, SIGNER_*, and what `use` throws
 */
export async function withAdmin<T>(
  options: SignerOptions,
  use: (admin: AdminClient) => Promise<T>,
): Promise<T> {
  const { openAdmin } = await import("./admin-client.js");
  const admin = openAdmin(options);
  try {
    return await use(admin);
  } finally {
    admin.close();
  }
}

/**
 * One call as a promise, with the deadline of all calls.
 * @throws SignetError as the signer or the transport says
 */
export function call<Name extends keyof Calls>(
  admin: AdminClient,
  name: Name,
  request: Calls[Name]["request"],
): Promise<Calls[Name]["response"]> {
  return admin.call(name, request);
}
