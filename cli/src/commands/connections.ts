// SPDX-License-Identifier: Apache-2.0

import type { ConnectionGetReply } from "@signet/agent/netlink";
import type { Command } from "commander";
import { eventJson, eventText, type ConnectionEvent } from "../connection-event.js";
import { addressText } from "../ip-address.js";
import { print, type Io, type OutputOptions } from "../io.js";
import { loadNetlink } from "../kernel-module.js";
import { coarseDuration, readableBytes } from "../quantities.js";
import { formatTable } from "../table.js";

interface Options extends OutputOptions {
  readonly follow?: boolean;
}

const EXAMPLES = `
Examples:
  signet connections
  signet connections --json | jq '.[].peerSpiffeId'
  signet connections --follow        # what is opened, refused and ended, and why

Reads the kernel module by itself, as root: it works while the agent is down.`;

/** signet connections: the protected connections of this node. */
export function connections(parent: Command, io: Io): void {
  parent
    .command("connections")
    .description("list the protected connections of this node, or follow what becomes of them")
    .option("--follow", "print each event as it happens, until interrupted")
    .option("--json", "print JSON; with --follow an object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) =>
      options.follow === true ? follow(options, io) : list(options, io),
    );
}

async function list(options: Options, io: Io): Promise<void> {
  const netlink = await loadNetlink();
  const found = await netlink.readConnections();
  print(io, options, found.map(connectionJson), () => connectionText(found));
}

async function follow(options: Options, io: Io): Promise<void> {
  const { KernelModule } = await loadNetlink();
  const show = options.json === true ? eventLine : eventText;
  let fail: (error: Error) => void = () => undefined;
  const fault = new Promise<never>((_, reject) => (fail = reject));
  const module = await KernelModule.connect({
    onConnectionEvent: (event) => io.stdout(show(event)),
    onOverrun: () => io.stderr("Some events were lost.\n"),
    onFault: (error) => fail(error),
  });
  try {
    module.subscribe();
    await Promise.race([fault, interruption(io.interrupted)]);
  } finally {
    module.close();
  }
}

function eventLine(event: ConnectionEvent): string {
  return `${JSON.stringify(eventJson(event))}\n`;
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A connection as JSON output has it. */
export function connectionJson(connection: ConnectionGetReply) {
  return {
    id: Number(connection.id ?? 0n),
    role: connection.role ?? null,
    state: connection.state ?? null,
    local: addressText(connection.localAddress, connection.localPort),
    peer: addressText(connection.peerAddress, connection.peerPort),
    localSpiffeId: connection.localSpiffeId ?? null,
    peerSpiffeId: connection.peerSpiffeId ?? null,
    localSerial: connection.localSerial ?? null,
    peerSerial: connection.peerSerial ?? null,
    tls: connection.cipher === undefined ? null : "TLSv1.3",
    cipher: connection.cipher ?? null,
    group: connection.group ?? null,
    alpn: connection.alpn ?? null,
    ageMs: Number(connection.ageMs ?? 0n),
    txBytes: Number(connection.txBytes ?? 0n),
    rxBytes: Number(connection.rxBytes ?? 0n),
    pid: connection.pid ?? null,
    netns: connection.netns ?? null,
  };
}

/** Connections in words. */
export function connectionText(connections: readonly ConnectionGetReply[]): string {
  return formatTable(
    ["STATE", "LOCAL", "", "PEER", "CIPHER", "AGE", "SENT", "RECEIVED", "PID"],
    connections.map((connection) => [
      connection.state ?? "",
      withId(connection.localSpiffeId, connection.localAddress, connection.localPort),
      connection.role === "server" ? "←" : "→",
      withId(connection.peerSpiffeId, connection.peerAddress, connection.peerPort),
      connection.cipher?.replace(/^TLS_/, "") ?? "",
      coarseDuration(Number((connection.ageMs ?? 0n) / 1000n)),
      readableBytes(connection.txBytes ?? 0n),
      readableBytes(connection.rxBytes ?? 0n),
      String(connection.pid ?? ""),
    ]),
    "No protected connections.",
  );
}

function withId(
  id: string | undefined,
  address: Buffer | undefined,
  port: number | undefined,
): string {
  return `${id ?? "-"}\n${addressText(address, port)}`;
}
