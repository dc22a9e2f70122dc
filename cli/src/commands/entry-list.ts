// SPDX-License-Identifier: Apache-2.0

import { formatDuration, type messages } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";
import { formatTable } from "../table.js";

const EXAMPLES = `
Examples:
  signet entry list
  signet entry list --json`;

/** signet entry list: which processes are which SPIFFE ID. */
export function entryList(parent: Command, io: Io): void {
  const command = parent.command("list").description("list which processes are which SPIFFE ID");
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: SignerOptions) => act(options, io));
}

async function act(options: SignerOptions, io: Io): Promise<void> {
  const { entries } = await withAdmin(options, (admin) => call(admin, "ListEntries", {}));
  print(io, options, entries.map(entryJson), () =>
    formatTable(
      ["NAME", "SPIFFE ID", "PROCESSES", "NODES", "TTL"],
      entries.map((entry) => [
        entry.name,
        entry.spiffeId,
        selectorText(entry.workloadSelectors),
        selectorText(entry.nodeSelectors),
        formatDuration(entry.ttlSeconds),
      ]),
      "No entries. Make some: signet apply -f FILE",
    ),
  );
}

function entryJson(entry: messages.Entry) {
  const { id, name, spiffeId, ttlSeconds } = entry;
  return {
    id,
    name,
    spiffeId,
    selectors: entry.workloadSelectors.map(selectorJson),
    nodes: entry.nodeSelectors.map(selectorJson),
    ttlSeconds,
  };
}

/** As documents have it: {"process:uid": ["1001"]}. */
function selectorJson({ selectors }: messages.SelectorSet): Record<string, string[]> {
  return Object.fromEntries(selectors.map(({ key, values }) => [key, values]));
}

/** One line for each set, any of which suffices. */
function selectorText(sets: readonly messages.SelectorSet[]): string {
  return sets
    .map(({ selectors }) => selectors.map(({ key, values }) => `${key}=${values.join("|")}`))
    .map((parts) => parts.join(" & "))
    .join("\n");
}
