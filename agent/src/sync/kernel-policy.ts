// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import type { Log } from "../log.js";
import type { RevocationAttributes } from "../netlink/family.generated.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import type { NodeState } from "./node-state.js";
import { policyHead, policyParts, revocationParts } from "./policy-items.js";
import { refusedForGood, refusedPolicy } from "./refused-policy.js";

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

/**
 * Ends the sessions that revocations concern, ahead of everything else. One that the kernel refuses
 * for what it says is logged, and holds up no other.
 *
 * @returns those that the kernel took.
 * @throws SignetError NETLINK_REFUSED when they may be tried again.
 */
export async function enforceRevocations(
  module: Pick<PolicyTarget, "revoke">,
  revocations: readonly messages.Revocation[],
  log: Log,
): Promise<readonly messages.Revocation[]> {
  const refused = new Set<string>();
  for (const { revocation } of revocationParts(revocations)) {
    await revoke(module, revocation ?? [], (id, error) => {
      refused.add(id);
      log.error({ err: error, revocation: id }, "the kernel refuses a revocation");
    });
  }
  return revocations.filter(({ id }) => !refused.has(id));
}

/** Those that are refused are found by halves: the kernel takes all of a message or none. */
async function revoke(
  module: Pick<PolicyTarget, "revoke">,
  revocation: readonly RevocationAttributes[],
  onRefused: (id: string, error: unknown) => void,
): Promise<void> {
  try {
    await module.revoke({ revocation });
  } catch (error) {
    if (!refusedForGood(error)) throw error;
    if (revocation.length > 1) {
      const half = revocation.length >> 1;
      await revoke(module, revocation.slice(0, half), onRefused);
      await revoke(module, revocation.slice(half), onRefused);
    } else {
      onRefused(String(revocation[0]?.id), error);
    }
  }
}
