// SPDX-License-Identifier: Apache-2.0

import { CONNECTION_REASONS, type ConnectionReason } from "@signet/contract";
import type { ModuleListener } from "@signet/agent/netlink";
import { addressText } from "./ip-address.js";
import { printable } from "./printable.js";

/** What the module tells of a connection. */
export type ConnectionEvent = Parameters<NonNullable<ModuleListener["onConnectionEvent"]>>[0];

/** An event of a connection as JSON output has it. */
export function eventJson(event: ConnectionEvent) {
  return {
    event: event.eventKind ?? null,
    id: Number(event.id ?? 0n),
    role: event.role ?? null,
    local: addressText(event.localAddress, event.localPort),
    peer: addressText(event.peerAddress, event.peerPort),
    localSpiffeId: event.localSpiffeId ?? null,
    peerSpiffeId: event.peerSpiffeId ?? null,
    localSerial: event.localSerial ?? null,
    peerSerial: event.peerSerial ?? null,
    cipher: event.cipher ?? null,
    reason: event.reason ?? null,
    alert: event.alert ?? null,
    errno: event.errno ?? null,
    detail: event.detail ?? null,
    ageMs: Number(event.ageMs ?? 0n),
    txBytes: Number(event.txBytes ?? 0n),
    rxBytes: Number(event.rxBytes ?? 0n),
    pid: event.pid ?? null,
  };
}

/** An event in words: who with whom, and where it failed the reason and what helps. */
export function eventText(event: ConnectionEvent): string {
  const local = event.localSpiffeId ?? addressText(event.localAddress, event.localPort);
  const peer = event.peerSpiffeId ?? addressText(event.peerAddress, event.peerPort);
  const arrow = event.role === "server" ? "←" : "→";
  const head = `${event.eventKind ?? "event"}: ${local} ${arrow} ${peer}`;
  return printable(`${[head, ...why(event)].join("\n  ")}\n`);
}

function why({ reason, detail, alert }: ConnectionEvent): string[] {
  if (reason === undefined || reason === "none" || reason === "local-close") return [];
  const { sentence, help, errno }: ConnectionReason = CONNECTION_REASONS[reason];
  const marks = [reason, errno, alert === undefined ? undefined : `alert ${alert}`];
  const marked = marks.filter((mark) => mark !== undefined).join(", ");
  return [`${detail ?? sentence} [${marked}]`, `help: ${help}`];
}
