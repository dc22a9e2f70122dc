// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import type { Command } from "commander";
import { readDocuments } from "../documents.js";
import { print, type Io } from "../io.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";
import { formatTable } from "../table.js";

interface Options extends SignerOptions {
  readonly file: readonly string[];
  readonly dryRun?: boolean;
}

const EXAMPLES = `
Examples:
  signet apply -f checkout.yaml
  signet apply -f policies/ --dry-run
  generate-policy | signet apply -f -`;

/** signet apply: makes documents hold, all of them or none. */
export function apply(parent: Command, io: Io): void {
  const command = parent
    .command("apply")
    .description("make Workload, AccessPolicy, Destination and TrustDomain documents hold")
    .requiredOption(
      "-f, --file <path...>",
      "files, directories of *.yaml and *.yml, or - for stdin",
    )
    .option("--dry-run", "check only");
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}

async function act(options: Options, io: Io): Promise<void> {
  const dryRun = options.dryRun ?? false;
  const documents = await readDocuments(options.file, io.stdin);
  const { applied, revision } = await withAdmin(options, (admin) =>
    call(admin, "Apply", { documents, dryRun }),
  );
  const rows = applied.map((item) => ({
    kind: item.kind,
    name: item.name,
    action: actionName(item.action),
  }));
  print(io, options, { dryRun, revision: Number(revision), applied: rows }, () =>
    formatTable(
      ["KIND", "NAME", dryRun ? "WOULD BE" : "ACTION"],
      rows.map(({ kind, name, action }) => [kind, name, action]),
      "No documents.",
    ).concat(dryRun ? "Nothing was changed.\n" : `Revision ${revision} holds now.\n`),
  );
}

/** "ACTION_CREATED" → "created". */
function actionName(action: messages.AppliedDocument["action"]): string {
  return action.replace(/^ACTION_/, "").toLowerCase();
}
