// SPDX-License-Identifier: Apache-2.0
import type { PolicyAttributes } from "./family.generated.js";
import { addTo, joinParts } from "./item-parts.js";

/**
 * Puts the messages of a policy dump together: lists are joined, of the rest the last one counts. A
 * rule or destination that came in parts is one.
 */
export function mergePolicy(messages: readonly PolicyAttributes[]): PolicyAttributes {
  const merged: PolicyAttributes = {};
  for (const message of messages) addTo(merged, message);
  const { rule, destination } = merged;
  return {
    ...merged,
    ...(rule && { rule: joinParts(rule) }),
    ...(destination && { destination: joinParts(destination) }),
  };
}
