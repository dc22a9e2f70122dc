// SPDX-License-Identifier: Apache-2.0
import type { PolicyChangeRequest } from "../netlink/family.generated.js";
import type { NodeState } from "./node-state.js";
import { itemsBeyond, policyHead, type PolicyItems } from "./policy-items.js";

/**
 * The messages that make one policy of another: what goes, then what comes.
 *
 * @param base What is in force, and all revocations that are.
 */
export function changeFrom(base: NodeState, state: NodeState): readonly PolicyChangeRequest[] {
  const parts = [
    ...itemsBeyond(base, state).map((items) => ({ remove: true, ...items })),
    ...itemsBeyond(state, base),
  ];
  const [first = {}, ...rest] = parts;
  const whole = { ...policyHead(state), base: base.revision, ...first };
  if (rest.length === 0) return [whole];
  return [{ ...whole, part: "first" }, ...endOf(rest)];
}

/** The message that begins a policy with nothing. */
export function beginningOf(state: NodeState): PolicyChangeRequest {
  return { ...policyHead(state), part: "first" };
}

/** The rest of a policy that begins with nothing, but for revocations that were added since. */
export function restOf(
  state: NodeState,
  { revocations }: Pick<NodeState, "revocations">,
): readonly PolicyChangeRequest[] {
  return endOf(itemsBeyond(state, { revocations }));
}

function endOf(parts: readonly PolicyItems[]): readonly PolicyChangeRequest[] {
  const last = parts.at(-1) ?? {};
  return [
    ...parts.slice(0, -1).map((items) => ({ part: "next" as const, ...items })),
    { part: "last", ...last },
  ];
}
