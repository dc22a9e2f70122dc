// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "./signet-error.js";

declare const brand: unique symbol;

/** A SPIFFE ID that was checked against the grammar; made only by the functions of this file. */
export type SpiffeId = string & { readonly [brand]: "SpiffeId" };

/** Why a string is no SPIFFE ID. */
export type SpiffeIdFault =
  | "too-long"
  | "scheme"
  | "trust-domain-empty"
  | "trust-domain-too-long"
  | "trust-domain-character"
  | "trailing-slash"
  | "empty-segment"
  | "dot-segment"
  | "path-character";

const SCHEME = "spiffe://";
/** Longest SPIFFE ID, in bytes (SPIFFE-ID §2.3). */
export const MAX_SPIFFE_ID = 2048;
/** Longest trust domain, in bytes (SPIFFE-ID §2.3). */
export const MAX_TRUST_DOMAIN = 255;

const SENTENCES: Record<SpiffeIdFault, string> = {
  "too-long": `it is longer than ${String(MAX_SPIFFE_ID)} bytes`,
  scheme: 'it does not begin with "spiffe://"',
  "trust-domain-empty": "its trust domain is empty",
  "trust-domain-too-long": `its trust domain is longer than ${String(MAX_TRUST_DOMAIN)} bytes`,
  "trust-domain-character": "its trust domain has a character other than a-z, 0-9, '.', '-', '_'",
  "trailing-slash": "it ends with a slash",
  "empty-segment": "its path has an empty segment",
  "dot-segment": "its path has a segment '.' or '..'",
  "path-character": "its path has a character other than A-Z, a-z, 0-9, '.', '-', '_'",
};

const SLASH = 0x2f;

function isTrustDomainByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) || // a-z
    (byte >= 0x30 && byte <= 0x39) || // 0-9
    byte === 0x2e || // .
    byte === 0x2d || // -
    byte === 0x5f // _
  );
}

function isPathByte(byte: number): boolean {
  return isTrustDomainByte(byte) || (byte >= 0x41 && byte <= 0x5a); // A-Z
}

function trustDomainFault(text: string, start: number, end: number): SpiffeIdFault | undefined {
  if (start === end) return "trust-domain-empty";
  for (let i = start; i < end; i++) {
    if (!isTrustDomainByte(text.charCodeAt(i))) return "trust-domain-character";
  }
  return end - start > MAX_TRUST_DOMAIN ? "trust-domain-too-long" : undefined;
}

function segmentFault(text: string, start: number, end: number): SpiffeIdFault | undefined {
  if (start === end) return end === text.length ? "trailing-slash" : "empty-segment";
  for (let i = start; i < end; i++) {
    if (!isPathByte(text.charCodeAt(i))) return "path-character";
  }
  const segment = text.slice(start, end);
  return segment === "." || segment === ".." ? "dot-segment" : undefined;
}

/** Checks a path from `start`, where its first slash must be; nothing at all is a path too. */
function pathFault(text: string, start: number): SpiffeIdFault | undefined {
  let at = start;
  while (at < text.length) {
    if (text.charCodeAt(at) !== SLASH) return "path-character";
    const slash = text.indexOf("/", at + 1);
    const end = slash < 0 ? text.length : slash;
    const fault = segmentFault(text, at + 1, end);
    if (fault !== undefined) return fault;
    at = end;
  }
  return undefined;
}

/**
 * Says why a string is no SPIFFE ID (SPIFFE-ID §2), or undefined when it is one. An ID without a
 * path names a trust domain and is valid; where a workload is meant, ask {@link pathOf} too.
 */
export function spiffeIdFault(text: string): SpiffeIdFault | undefined {
  if (text.length > MAX_SPIFFE_ID) return "too-long";
  if (!text.startsWith(SCHEME)) return "scheme";
  const slash = text.indexOf("/", SCHEME.length);
  const end = slash < 0 ? text.length : slash;
  return trustDomainFault(text, SCHEME.length, end) ?? pathFault(text, end);
}

/** True when a string is a SPIFFE ID. */
export function isSpiffeId(text: string): text is SpiffeId {
  return spiffeIdFault(text) === undefined;
}

/**
 * Parses a SPIFFE ID (SPIFFE-ID §2), byte by byte and without normalising anything.
 * @throws SignetError SPIFFE_ID_INVALID
 */
export function parseSpiffeId(text: string): SpiffeId {
  const fault = spiffeIdFault(text);
  if (fault === undefined) return text as SpiffeId;
  throw new SignetError(
    "SPIFFE_ID_INVALID",
    `${JSON.stringify(text.slice(0, 200))} is not a SPIFFE ID: ${SENTENCES[fault]}`,
  );
}

/**
 * The SPIFFE ID of a path ("/shop/db") in a trust domain ("example.org").
 * @throws SignetError SPIFFE_ID_INVALID, also when the path is empty
 */
export function spiffeIdOf(trustDomain: string, path: string): SpiffeId {
  if (!isTrustDomain(trustDomain)) {
    throw new SignetError(
      "SPIFFE_ID_INVALID",
      `${JSON.stringify(trustDomain.slice(0, 200))} is not a trust domain`,
    );
  }
  if (!path.startsWith("/")) {
    throw new SignetError(
      "SPIFFE_ID_INVALID",
      `the path ${JSON.stringify(path.slice(0, 200))} of a SPIFFE ID must begin with a slash`,
    );
  }
  return parseSpiffeId(`${SCHEME}${trustDomain}${path}`);
}

/** The trust domain of a SPIFFE ID: "example.org". */
export function trustDomainOf(id: SpiffeId): string {
  const slash = id.indexOf("/", SCHEME.length);
  return id.slice(SCHEME.length, slash < 0 ? undefined : slash);
}

/** The path of a SPIFFE ID with its first slash, "/shop/db", or "" when it names a trust domain. */
export function pathOf(id: SpiffeId): string {
  const slash = id.indexOf("/", SCHEME.length);
  return slash < 0 ? "" : id.slice(slash);
}

/** True for IDs that Signet keeps for itself: /signet and all below it. No workload may have one. */
export function isReserved(id: SpiffeId): boolean {
  const path = pathOf(id);
  return path === "/signet" || path.startsWith("/signet/");
}

/** True when a string is a trust domain's name (SPIFFE-ID §2.1). */
export function isTrustDomain(name: string): boolean {
  return trustDomainFault(name, 0, name.length) === undefined;
}

/** True when a string is one valid segment of a SPIFFE ID's path, as node and admin names are. */
export function isPathSegment(segment: string): boolean {
  return segmentFault(segment, 0, segment.length) === undefined;
}
