// SPDX-License-Identifier: Apache-2.0

import type { IdentityGetReply, NodeGetReply } from "@signet/agent/netlink";
import type { Command } from "commander";
import { print, type Io, type OutputOptions } from "../io.js";
import { loadNetlink } from "../kernel-module.js";
import { coarseDuration, isoTime, readableTime } from "../quantities.js";
import { formatPairs, formatTable } from "../table.js";

const EXAMPLES = `
Examples:
  signet status
  signet status --json

Reads the kernel module by itself, as root: it works while the agent is down.`;

const ENDING = "blocked; each is closed when its program lets go of the socket";

/** signet status: what the kernel module of this node holds. */
export function status(parent: Command, io: Io): void {
  parent
    .command("status")
    .description("show the kernel module, the policy in force and the identities of this node")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((options: OutputOptions) => act(options, io));
}

async function act(options: OutputOptions, io: Io): Promise<void> {
  const netlink = await loadNetlink();
  const node = await netlink.readNode();
  const identities = await netlink.readIdentities();
  const now = io.now();
  const json = { ...nodeJson(node), identities: identities.map((item) => identityJson(item, now)) };
  print(io, options, json, () => `${nodeText(node)}\n${identityText(identities, now)}`);
}

/** The node as JSON output has it. */
export function nodeJson(node: NodeGetReply) {
  return {
    moduleVersion: node.moduleVersion ?? null,
    abiVersion: node.abiVersion ?? null,
    agentRegistered: node.registered ?? false,
    trustDomain: node.trustDomain ?? null,
    revision: Number(node.revision ?? 0n),
    databaseEpoch: node.databaseEpoch ?? null,
    netns: node.netns ?? null,
    connections: node.connections ?? 0,
    sessionsEnding: node.ending ?? 0,
    uptimeSeconds: uptimeSeconds(node),
  };
}

/** The node in words. */
export function nodeText(node: NodeGetReply): string {
  const revision = node.revision ?? 0n;
  const ending = node.ending ?? 0;
  return formatPairs([
    ["Module", `${node.moduleVersion ?? "?"}, up ${coarseDuration(uptimeSeconds(node))}`],
    ["Agent", node.registered === true ? "registered" : "none: unknown processes are refused"],
    ["Trust domain", node.trustDomain ?? "none"],
    ["Policy", revision === 0n ? "none: nothing is protected" : `revision ${revision}`],
    ["Connections", String(node.connections ?? 0)],
    ...(ending === 0 ? [] : [["Sessions ending", `${ending}: ${ENDING}`] as const]),
  ]);
}

/** An identity as JSON output has it. */
export function identityJson(identity: IdentityGetReply, now: Date) {
  return {
    spiffeId: identity.spiffeId ?? null,
    entryId: identity.entryId ?? null,
    state: stateOf(identity, now),
    serial: identity.serial ?? null,
    notBefore: isoTime(identity.notBefore ?? 0n),
    notAfter: isoTime(identity.notAfter ?? 0n),
    keyGeneration: identity.generation ?? 0,
    requestPending: identity.pending ?? false,
    refusal: identity.refusal ?? null,
    connections: identity.connections ?? 0,
    chain: (identity.certificate ?? []).map((der) => der.toString("base64")),
  };
}

/** The identities in words. */
export function identityText(identities: readonly IdentityGetReply[], now: Date): string {
  return formatTable(
    ["SPIFFE ID", "STATE", "CERTIFICATE UNTIL", "KEY", "CONNECTIONS", "SERIAL"],
    identities.map((identity) => [
      identity.spiffeId ?? "",
      stateOf(identity, now),
      identity.serial === undefined ? "-" : readableTime(identity.notAfter ?? 0n, now),
      `#${identity.generation ?? 0}`,
      String(identity.connections ?? 0),
      identity.serial ?? "-",
    ]),
    "No identity has been wanted yet.",
  );
}

function stateOf(identity: IdentityGetReply, now: Date): string {
  if (identity.revoked === true) return "revoked";
  const { refusal } = identity;
  if (identity.serial === undefined) return refusal ?? "requested";
  const expired = Number(identity.notAfter ?? 0n) * 1000 < now.getTime();
  const state = `${expired ? "expired" : "valid"}${identity.pending === true ? ", renewing" : ""}`;
  return refusal === undefined ? state : `${state} (${refusal})`;
}

function uptimeSeconds(node: NodeGetReply): number {
  return Number((node.uptimeNs ?? 0n) / 1_000_000_000n);
}
