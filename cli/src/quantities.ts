// SPDX-License-Identifier: Apache-2.0

import { formatDuration } from "@signet/contract";

/** Seconds since 1970, as gRPC carries them, in ISO 8601; null for 0, which means never. */
export function isoTime(seconds: string | bigint): string | null {
  const value = Number(seconds);
  return value === 0 ? null : new Date(value * 1000).toISOString().replace(".000Z", "Z");
}

/** Seconds since 1970 for people: the time, and how far from now it is. */
export function readableTime(seconds: string | bigint, now: Date): string {
  const iso = isoTime(seconds);
  if (iso === null) return "never";
  const distance = Number(seconds) - Math.floor(now.getTime() / 1000);
  const away = coarseDuration(Math.abs(distance));
  const where = distance > 0 ? `in ${away}` : `${away} ago`;
  return `${iso.replace("T", " ")} (${where})`;
}

/** A duration in seconds in its two greatest units: "3d4h", "58m12s". */
export function coarseDuration(seconds: number): string {
  return /^(?:\d+[a-z]){1,2}/.exec(formatDuration(seconds))?.[0] ?? "0s";
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A number of bytes for people: "1.5 MiB". */
export function readableBytes(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
