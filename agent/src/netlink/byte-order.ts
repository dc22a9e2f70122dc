// SPDX-License-Identifier: Apache-2.0
import { endianness } from "node:os";

/** Netlink speaks the host's byte order; what DataView wants to be told. */
export const LITTLE_ENDIAN = endianness() === "LE";

/** A DataView of exactly these bytes. */
export function viewOf(data: Buffer): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}

/** Length rounded up to netlink's four bytes. */
export function align(length: number): number {
  return (length + 3) & ~3;
}
