// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { apply } from "./commands/apply.js";
import { certificateList } from "./commands/certificate-list.js";
import { connections } from "./commands/connections.js";
import { drain } from "./commands/drain.js";
import { entryList } from "./commands/entry-list.js";
import { nodeList } from "./commands/node-list.js";
import { revocationList } from "./commands/revocation-list.js";
import { revoke } from "./commands/revoke.js";
import { status } from "./commands/status.js";
import { tokenCreate } from "./commands/token-create.js";
import { unban } from "./commands/unban.js";
import type { Io } from "./io.js";

const { version } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };

/** The command `signet` with all of its commands, acting on `io`. */
export function createProgram(io: Io): Command {
  const program = new Command("signet")
    .description("Workload identity and mutual TLS in the Linux kernel: the operator's command")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(run with --help to see arguments and examples)")
    .configureHelp({ sortSubcommands: false });

  program.commandsGroup("On a signer:");
  apply(program, io);
  tokenCreate(program.command("token").description("tokens with which nodes join"), io);
  nodeList(program.command("node").description("nodes that have joined"), io);
  entryList(program.command("entry").description("who is which SPIFFE ID"), io);
  certificateList(program.command("certificate").description("certificates in the ledger"), io);
  revoke(program, io);
  unban(program, io);
  revocationList(program.command("revocation").description("what is revoked"), io);

  program.commandsGroup("On a node:");
  status(program, io);
  connections(program, io);
  drain(program, io);
  return program;
}
