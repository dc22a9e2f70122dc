#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { SignetError } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { parseCommandLine } from "@signet/runtime/command-line.js";
import { createLog, type Log } from "@signet/runtime/log.js";
import { stopSignal } from "@signet/runtime/stop-signal.js";
import { destination } from "pino";
import { auditFile, type AuditFile } from "./audit-file.js";
import { loadConfig } from "./config/load.js";
import { startSigner, type Signer } from "./signer.js";

const HELP = `The signing service of Signet.

Usage: signet-signer [--config FILE]

  --config FILE   configuration, YAML or JSON; the environment wins over it
  --help          this text

Stops gracefully on SIGTERM and SIGINT. SIGHUP: opens the audit file by its name again, for a log
that was rotated, reads the CA of Vault's certificate anew, and tries again at once a login that
Vault refused and a role whose certificates had to be discarded. Without SIGHUP a refused login is
tried again twice in 15 minutes, and when the files of its credentials change; such a role after a
pause that grows to an hour. Logs to standard error, audit lines to audit.file or standard output.
Exit codes: 0 stopped; 64 command line; 69 Vault, database or audit log away; 70 internal; 78
configuration.

Example:
  signet-signer --config /etc/signet/signer.yaml
`;

const STDERR = 2;

async function main(): Promise<void> {
  const args = parseCommandLine(process.argv.slice(2));
  if (args.help) return void process.stdout.write(HELP);
  const config = await loadConfig(args.config, process.env);
  const stderr = destination({ fd: STDERR, sync: true });
  const log = createLog("signet-signer", config.log.level, stderr);
  const audit = auditFile(config.audit.file);
  const stop = stopSignal(log);
  const starting = startSigner(config, { log, auditSink: audit.write, clock: systemClock });
  process.on("SIGHUP", () => {
    if (!stop.aborted) void reload(log, audit, starting).catch(() => undefined); // main() says why.
  });
  const signer = await starting;
  if (!stop.aborted) await once(stop, "abort");
  await signer.stop();
  audit.close();
}

/** What can't be read again stays what it was, and keeps nothing else from being read. */
async function reload(log: Log, audit: AuditFile, starting: Promise<Signer>): Promise<void> {
  const signer = await starting;
  for (const part of [audit, signer]) {
    try {
      part.reload();
    } catch (error) {
      log.error({ err: error }, "not all could be reloaded");
    }
  }
  log.info("reloaded");
}

/** What an error came of: its causes, the nearest first, in brackets. */
function causesOf(error: Error): string {
  const words: string[] = [];
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    words.push(cause.message);
  }
  return words.length === 0 ? "" : ` (${words.join(": ")})`;
}

main().catch((error: unknown) => {
  const fault = SignetError.from(error);
  const { code, message, info } = fault;
  process.stderr.write(`signet-signer: ${code}: ${message}${causesOf(fault)}\n${info.help}\n`);
  process.exitCode = info.exit;
});
