// SPDX-License-Identifier: Apache-2.0

import { LIMITS, parseSpiffeId, SignetError, type messages } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { isoTime, readableTime } from "../quantities.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";
import { formatTable } from "../table.js";

interface Options extends SignerOptions {
  readonly spiffeId?: string;
  readonly limit: string;
}

const EXAMPLES = `
Examples:
  signet certificate list
  signet certificate list --spiffe-id spiffe://example.org/shop/db --limit 10
  signet certificate list --json | jq -r '.[0].pem' | openssl x509 -noout -text`;

/** signet certificate list: the certificates in the ledger, newest first. */
export function certificateList(parent: Command, io: Io): void {
  const command = parent
    .command("list")
    .description("list the certificates in the ledger, newest first")
    .option("--spiffe-id <id>", "only those of this identity")
    .option(
      "--limit <number>",
      `at most so many, up to ${LIMITS.mostListed}`,
      String(LIMITS.listed),
    );
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}

async function act(options: Options, io: Io): Promise<void> {
  const request = {
    spiffeId: options.spiffeId === undefined ? "" : parseSpiffeId(options.spiffeId),
    limit: limit(options.limit),
  };
  const { certificates } = await withAdmin(options, (admin) =>
    call(admin, "ListCertificates", request),
  );
  const now = io.now();
  print(
    io,
    options,
    certificates.map((certificate) => certificateJson(certificate, now)),
    () =>
      formatTable(
        ["SPIFFE ID", "NODE", "STATE", "VALID UNTIL", "SERIAL"],
        certificates.map((certificate) => [
          certificate.spiffeId,
          certificate.nodeId,
          stateOf(certificate, now),
          readableTime(certificate.notAfter, now),
          certificate.serial,
        ]),
        "No certificates.",
      ),
  );
}

function certificateJson(certificate: messages.Certificate, now: Date) {
  const { serial, spiffeId, nodeId, entryId, pem } = certificate;
  return {
    serial,
    spiffeId,
    nodeId,
    entryId,
    state: stateOf(certificate, now),
    issuedAt: isoTime(certificate.issuedAt),
    notBefore: isoTime(certificate.notBefore),
    notAfter: isoTime(certificate.notAfter),
    revokedAt: isoTime(certificate.revokedAt),
    pem,
  };
}

function stateOf({ revokedAt, notAfter }: messages.Certificate, now: Date): string {
  if (revokedAt !== "0") return "revoked";
  return Number(notAfter) * 1000 < now.getTime() ? "expired" : "valid";
}

function limit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= LIMITS.mostListed) return Number(text);
  throw new SignetError("USAGE", `--limit is a number from 1 to ${LIMITS.mostListed}.`);
}
