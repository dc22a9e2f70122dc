// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";
import { isoTime } from "./quantities.js";

/** A revocation as JSON output has it. */
export function revocationJson(revocation: messages.Revocation) {
  const { spiffeId, serial, reason } = revocation;
  return {
    id: Number(revocation.id),
    ...(revocation.what === "serial" ? { serial } : { spiffeId }),
    revokedAt: isoTime(revocation.revokedAt),
    reason,
  };
}

/** What a revocation is of, in words. */
export function revokedText({ what, serial, spiffeId }: messages.Revocation): string {
  return what === "serial" ? `serial ${serial ?? ""}` : (spiffeId ?? "");
}
