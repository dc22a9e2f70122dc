// SPDX-License-Identifier: Apache-2.0

import type { Json } from "./vault.js";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of a duration as Vault takes it ("24h", "30s", 30); undefined when it is none. */
export function seconds(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const match = typeof value === "string" ? /^(\d+)([smh])$/.exec(value) : null;
  const unit = UNITS[match?.[2] ?? ""];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

function sameValue(wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    // Vault answers null for an empty list.
    const list = Array.isArray(found) ? (found as unknown[]) : found === null ? [] : undefined;
    return list?.length === wanted.length && wanted.every((item, i) => item === list[i]);
  }
  const duration = seconds(wanted);
  return duration === undefined ? wanted === found : duration === seconds(found);
}

/** True when Vault holds every value that is wanted. */
export function holds(found: Json | undefined, wanted: Json): boolean {
  return found !== undefined && Object.entries(wanted).every(([k, v]) => sameValue(v, found[k]));
}
