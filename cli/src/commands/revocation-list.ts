// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { readableTime } from "../quantities.js";
import { revocationJson, revokedText } from "../revocation-view.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";
import { formatTable } from "../table.js";

const EXAMPLES = `
Examples:
  signet revocation list
  signet revocation list --json`;

/** signet revocation list: what is revoked, and what Vault knows of it. */
export function revocationList(parent: Command, io: Io): void {
  const command = parent
    .command("list")
    .description("list what is revoked, newest first, and what Vault's CRL has");
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: SignerOptions) => act(options, io));
}

async function act(options: SignerOptions, io: Io): Promise<void> {
  const { revocations } = await withAdmin(options, (admin) => call(admin, "ListRevocations", {}));
  const known = revocations.flatMap(({ revocation, inVault, pending }) =>
    revocation === null ? [] : [{ revocation, inVault, pending }],
  );
  const json = known.map(({ revocation, inVault, pending }) => ({
    ...revocationJson(revocation),
    inVault,
    pending,
  }));
  print(io, options, json, () =>
    formatTable(
      ["ID", "REVOKED", "WHEN", "IN VAULT'S CRL", "REASON"],
      known.map(({ revocation, inVault, pending }) => [
        revocation.id,
        revokedText(revocation),
        readableTime(revocation.revokedAt, io.now()),
        vaultText(inVault, pending),
        revocation.reason,
      ]),
      "Nothing is revoked.",
    ),
  );
}

type Serials = messages.RevocationStatus["inVault"];

function vaultText(inVault: Serials, pending: Serials): string {
  const total = inVault.length + pending.length;
  return total === 0 ? "no certificates" : `${inVault.length} of ${total}`;
}
