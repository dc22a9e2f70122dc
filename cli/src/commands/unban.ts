// SPDX-License-Identifier: Apache-2.0

import { parseSpiffeId } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";

interface Options extends SignerOptions {
  readonly spiffeId: string;
}

const EXAMPLES = `
Examples:
  signet unban --spiffe-id spiffe://example.org/shop/checkout

Certificates that were revoked stay so; the identity gets new ones.`;

/** signet unban: lets a revoked identity have certificates again. */
export function unban(parent: Command, io: Io): void {
  const command = parent
    .command("unban")
    .description("let a revoked identity have certificates again")
    .requiredOption("--spiffe-id <id>", "the identity");
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}

async function act(options: Options, io: Io): Promise<void> {
  const spiffeId = parseSpiffeId(options.spiffeId);
  await withAdmin(options, (admin) => call(admin, "Unban", { spiffeId }));
  print(io, options, { spiffeId }, () => `${spiffeId} may have certificates again.\n`);
}
