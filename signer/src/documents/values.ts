// SPDX-License-Identifier: Apache-2.0

import {
  isPathSegment,
  isReserved,
  parseDuration,
  spiffeIdOf,
  SignetError,
} from "@signet/contract";
import type { Field } from "./field.js";

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;

/** The name of a document: as a DNS label, with dots. */
export function documentName(field: Field): string | undefined {
  const name = field.string();
  if (name === undefined || NAME.test(name)) return name;
  field.fault("a name has 1 to 63 of a-z, 0-9, '-', '.', and begins and ends with a-z or 0-9");
  return undefined;
}

/** A workload's SPIFFE ID from its path, "/shop/db". Exact IDs only. */
export function workloadId(field: Field, trustDomain: string): string | undefined {
  const path = field.string();
  if (path === undefined) return undefined;
  if (path.includes("*")) {
    field.fault(
      "patterns are not built in this version: name each SPIFFE ID",
      "DOCUMENT_FIELD_NOT_BUILT",
    );
    return undefined;
  }
  if (path.includes("{")) {
    field.fault(
      "templates are not built in this version: name each SPIFFE ID",
      "DOCUMENT_FIELD_NOT_BUILT",
    );
    return undefined;
  }
  try {
    const id = spiffeIdOf(trustDomain, path);
    if (!isReserved(id)) return id;
    field.fault("paths under /signet/ are kept for Signet itself", "DOCUMENT_SPIFFE_ID_RESERVED");
    return undefined;
  } catch (error) {
    field.fault(SignetError.from(error).message);
    return undefined;
  }
}

/** A duration such as "1h", in seconds, between two, both included. */
export function duration(field: Field, low: number, high: number): number | undefined {
  const value = field.scalar();
  if (value === undefined) return undefined;
  const seconds = typeof value === "string" ? parseDuration(value) : undefined;
  if (seconds === undefined) {
    field.fault('a duration is written as "20s", "90m" or "1h30m"');
    return undefined;
  }
  if (seconds >= low && seconds <= high) return seconds;
  field.fault(`it must be from ${low} to ${high} seconds`);
  return undefined;
}

/** A node's ID or group: one segment of a SPIFFE path. */
export function segment(field: Field): string | undefined {
  const value = field.string();
  if (value === undefined || isPathSegment(value)) return value;
  field.fault("it must be one segment of A-Z, a-z, 0-9, '.', '-', '_'");
  return undefined;
}

/** A TCP port. */
export function port(field: Field): number | undefined {
  return field.integer(1, 65_535);
}
