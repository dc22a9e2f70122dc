// SPDX-License-Identifier: Apache-2.0
import type { PolicyAttributes } from "./family.generated.js";

/** Puts the items of a policy dump together: lists are joined, of the rest the last one counts. */
export function mergePolicy(items: readonly PolicyAttributes[]): PolicyAttributes {
  const merged: Record<string, unknown> = {};
  for (const item of items) {
    for (const [name, value] of Object.entries(item) as [string, unknown][]) {
      const before = merged[name];
      merged[name] =
        Array.isArray(value) && Array.isArray(before)
          ? [...(before as unknown[]), ...(value as unknown[])]
          : value;
    }
  }
  return merged;
}
