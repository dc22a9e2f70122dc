// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { isoTime, readableTime } from "../quantities.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";
import { formatTable } from "../table.js";

const EXAMPLES = `
Examples:
  signet node list
  signet node list --json`;

/** signet node list: the nodes that have joined. */
export function nodeList(parent: Command, io: Io): void {
  const command = parent.command("list").description("list the nodes that have joined");
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: SignerOptions) => act(options, io));
}

async function act(options: SignerOptions, io: Io): Promise<void> {
  const { nodes } = await withAdmin(options, (admin) => call(admin, "ListNodes", {}));
  print(io, options, nodes.map(nodeJson), () =>
    formatTable(
      ["NODE", "GROUPS", "STREAM", "REVISION", "CERTIFICATE UNTIL", "LAST SEEN"],
      nodes.map((node) => [
        node.id,
        node.groups.join(", "),
        node.connected ? "open" : "closed",
        node.revision,
        readableTime(node.notAfter, io.now()),
        readableTime(node.lastSeenAt, io.now()),
      ]),
      "No nodes. Let one join: signet token create --node ID",
    ),
  );
}

function nodeJson(node: messages.Node) {
  const { id, spiffeId, groups, serial, connected } = node;
  return {
    id,
    spiffeId,
    groups,
    serial,
    notAfter: isoTime(node.notAfter),
    attestedAt: isoTime(node.attestedAt),
    lastSeenAt: isoTime(node.lastSeenAt),
    connected,
    revision: Number(node.revision),
  };
}
