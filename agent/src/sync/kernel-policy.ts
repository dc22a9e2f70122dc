// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import type { KernelModule } from "../netlink/kernel-module.js";
import type { NodeState } from "./node-state.js";
import { policyHead, policyParts, revocationParts } from "./policy-items.js";
import { refusedPolicy } from "./refused-policy.js";

/** What putting a policy in force needs of the module. */
export type PolicyTarget = Pick<
  KernelModule,
  "beginPolicy" | "addPolicy" | "commitPolicy" | "abortPolicy" | "revoke"
>;

/**
 * Puts a policy in force, whole or not at all.
 *
 * @returns how many sessions of the node are blocked and still to be closed.
 * @throws PolicyRefused for what it says, SignetError NETLINK_REFUSED when it may be tried again;
 * the policy before then stays in force.
 */
export async function enforcePolicy(module: PolicyTarget, state: NodeState): Promise<number> {
  const parts = policyParts(state);
  let sent = 0;
  try {
    await module.beginPolicy(policyHead(state));
    for (const part of parts) {
      sent++;
      await module.addPolicy(part);
    }
    sent = 0;
    return await module.commitPolicy();
  } catch (error) {
    await module.abortPolicy();
    throw refusedPolicy(error, parts.slice(0, sent));
  }
}

/** Ends the sessions that revocations concern, ahead of everything else. */
export async function enforceRevocations(
  module: PolicyTarget,
  revocations: readonly messages.Revocation[],
): Promise<void> {
  for (const part of revocationParts(revocations)) await module.revoke(part);
}
