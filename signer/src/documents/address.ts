// SPDX-License-Identifier: Apache-2.0

import { isIPv4, isIPv6 } from "node:net";

/** A range of addresses, and optionally one port of it. */
export interface Address {
  /** Network byte order, hex: 8 or 32 digits. */
  readonly address: string;
  readonly prefixLength: number;
  /** 0: every port. */
  readonly port: number;
}

/** The bytes of an IPv4 or IPv6 address; undefined when it is none, or has a zone. */
export function addressBytes(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split(".").map(Number));
  if (!isIPv6(text) || text.includes("%")) return undefined;
  // The URL parser's host is the canonical form: RFC 5952, no embedded IPv4.
  const [head = "", tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const hex = [...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join("");
  return Buffer.from(hex, "hex");
}

function hasHostBits(bytes: Buffer, prefix: number): boolean {
  return bytes.some((byte, i) => {
    const kept = Math.min(Math.max(prefix - i * 8, 0), 8);
    return (byte & (0xff >> kept)) !== 0;
  });
}

function range(host: string, prefix: string | undefined, port: number): Address | string {
  const bytes = addressBytes(host);
  if (bytes === undefined) return `${JSON.stringify(host)} is not an IPv4 or IPv6 address`;
  const bits = bytes.length * 8;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) return `a prefix of ${host} has at most ${bits} bits`;
  if (hasHostBits(bytes, length)) return `${host} has bits set beyond its prefix of ${length}`;
  return { address: bytes.toString("hex"), prefixLength: length, port };
}

const CIDR = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/;

/** Parses "10.0.0.0/8" or "fd00::/8". Returns a sentence when it is not one. */
export function parseCidr(text: string): Address | string {
  const match = CIDR.exec(text);
  if (match === null) return 'a network is written as "10.0.0.0/8" or "fd00::/8"';
  return range(match[1] ?? "", match[2], 0);
}

const V4 = /^([0-9.]+)(?:\/(\d{1,2}))?(?::(\d{1,5}))?$/;
const V6_WITH_PORT = /^\[([0-9a-fA-F.:]*:[0-9a-fA-F.:]*)(?:\/(\d{1,3}))?\]:(\d{1,5})$/;
const V6 = /^([0-9a-fA-F.:]*:[0-9a-fA-F.:]*)(?:\/(\d{1,3}))?$/;

/**
 * Parses "10.1.0.7:5432", "10.2.0.0/16:5432", "[fd00::7]:443" or "[fd00::/8]:443"; without a port
 * every port is meant. Returns a sentence when it is none.
 */
export function parseAddress(text: string): Address | string {
  const match = V4.exec(text) ?? V6_WITH_PORT.exec(text) ?? V6.exec(text);
  if (match === null) return 'an address is written as "10.1.0.7:5432" or "[fd00::/8]:443"';
  const port = match[3] === undefined ? 0 : Number(match[3]);
  if (match[3] !== undefined && (port < 1 || port > 65_535)) return `${port} is not a port`;
  return range(match[1] ?? "", match[2], port);
}
