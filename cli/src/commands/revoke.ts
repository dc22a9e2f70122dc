// SPDX-License-Identifier: Apache-2.0

import { parseSpiffeId, SignetError } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { revocationJson, revokedText } from "../revocation-view.js";
import { parseSerial } from "../serial.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";

interface Options extends SignerOptions {
  readonly spiffeId?: string;
  readonly serial?: string;
  readonly reason: string;
  readonly force: boolean;
}

const EXAMPLES = `
Examples:
  signet revoke --spiffe-id spiffe://example.org/shop/checkout --reason "laptop stolen"
  signet revoke --serial 3f:0a:91:c4

A SPIFFE ID stays revoked until \`signet unban\`; a serial stays revoked for ever.
One that no entry, node or certificate has is refused as a typing error, unless --force is given.
When the command returns, connected nodes have been told and end the sessions.`;

/** signet revoke: ends an identity or one certificate, everywhere, now. */
export function revoke(parent: Command, io: Io): void {
  const command = parent
    .command("revoke")
    .description("end an identity, or one certificate, and its open sessions, now")
    .option("--spiffe-id <id>", "the identity")
    .option("--serial <hex>", "the certificate")
    .option("--reason <text>", "why, for people", "")
    .option("--force", "an identity of which the signer knows nothing, too", false);
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}

async function act(options: Options, io: Io): Promise<void> {
  const request = { ...subject(options), reason: options.reason, force: options.force };
  const start = performance.now();
  const done = await withAdmin(options, (admin) => call(admin, "Revoke", request));
  const elapsedMs = Math.round(performance.now() - start);
  const { revocation, serials, nodesNotified, nodesKnown } = done;
  if (revocation === null) throw new SignetError("INTERNAL");
  const json = {
    ...revocationJson(revocation),
    serials,
    nodesNotified,
    nodesKnown,
    elapsedMs,
  };
  print(io, options, json, () =>
    [
      `Revoked ${revokedText(revocation)} in ${elapsedMs} ms.`,
      `Told ${nodesNotified} of ${nodesKnown} nodes${awayNote(nodesNotified, nodesKnown)}.`,
      serials.length === 0
        ? "No certificate in force was concerned."
        : `Certificates in force that this ends: ${serials.join(", ")}`,
      "Vault is told now; `signet revocation list` shows when its CRL has them.",
      "",
    ].join("\n"),
  );
}

function awayNote(told: number, known: number): string {
  return told < known ? "; the others are told when they connect" : "";
}

function subject({ spiffeId, serial }: Options) {
  if (spiffeId !== undefined && serial === undefined) return { spiffeId: parseSpiffeId(spiffeId) };
  if (serial !== undefined && spiffeId === undefined) return { serial: parseSerial(serial) };
  throw new SignetError("USAGE", "Give either --spiffe-id or --serial.");
}
