// SPDX-License-Identifier: Apache-2.0

import { isPathSegment, parseDuration, SignetError } from "@signet/contract";
import type { Command } from "commander";
import { print, type Io } from "../io.js";
import { isoTime, readableTime } from "../quantities.js";
import { addSignerOptions, call, withAdmin, type SignerOptions } from "../signer-connection.js";
import { formatPairs } from "../table.js";

interface Options extends SignerOptions {
  readonly node: string;
  readonly group: readonly string[];
  readonly ttl?: string;
}

const EXAMPLES = `
Examples:
  signet token create --node web-1 --group web
  signet token create --node db-1 --group db --group eu --ttl 1h --json`;

/** signet token create: a token with which one node joins once. */
export function tokenCreate(parent: Command, io: Io): void {
  const command = parent
    .command("create")
    .description("make a token with which one node joins once")
    .requiredOption("--node <id>", "the node's ID: A-Z, a-z, 0-9, '.', '-', '_'")
    .option("--group <name...>", "groups that the node belongs to", [])
    .option("--ttl <duration>", "how long it can be used, at most 24h (default 10m)");
  addSignerOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}

async function act(options: Options, io: Io): Promise<void> {
  const request = {
    nodeId: segment(options.node, "--node"),
    groups: options.group.map((group) => segment(group, "--group")),
    ttlSeconds: options.ttl === undefined ? 0 : seconds(options.ttl),
  };
  const made = await withAdmin(options, (admin) => call(admin, "CreateToken", request));
  const json = {
    nodeId: request.nodeId,
    token: made.token,
    caSha256: made.caSha256,
    expiresAt: isoTime(made.expiresAt),
  };
  print(io, options, json, () =>
    formatPairs([
      ["Node", request.nodeId],
      ["Token", made.token],
      ["CA SHA-256", made.caSha256],
      ["Until", readableTime(made.expiresAt, io.now())],
    ]).concat(
      "\nGive both to the agent of this node. The token works once and is not shown again.\n",
    ),
  );
}

function segment(text: string, option: string): string {
  if (isPathSegment(text)) return text;
  throw new SignetError("USAGE", `${option} ${JSON.stringify(text)} is not one path segment.`);
}

function seconds(text: string): number {
  const value = parseDuration(text);
  if (value !== undefined && value <= 86_400) return value;
  throw new SignetError("USAGE", `--ttl ${JSON.stringify(text)} is no duration up to 24h, as 10m.`);
}
