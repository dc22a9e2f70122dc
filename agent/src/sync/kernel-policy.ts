// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import type { Log } from "@signet/runtime/log.js";
import type { PolicyChangeRequest, RevocationAttributes } from "../netlink/family.generated.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import type { NodeState } from "./node-state.js";
import { beginningOf, changeFrom, restOf } from "./policy-change.js";
import { revocationParts, revocationsBeyond } from "./policy-items.js";
import { PolicyRefused, refusedForGood, refusedPolicy } from "./refused-policy.js";

/** What putting a policy in force needs of the module. */
export type PolicyTarget = Pick<KernelModule, "changePolicy" | "abortPolicy">;

/** The policy in the kernel: each state becomes a change of the one before. */
export class KernelPolicy {
  readonly #module: PolicyTarget;
  readonly #log: Log;
  /**
   * What is in force, with all revocations that are. Undefined while that isn't known for sure, as
   * after a start or a lost answer: then the kernel is told everything, and forgets the rest.
   */
  #held: NodeState | undefined;
  readonly #taken = new WeakSet<messages.Revocation>();

  constructor(module: PolicyTarget, log: Log) {
    this.#module = module;
    this.#log = log;
  }

  /** Whether the kernel took this revocation. */
  took(revocation: messages.Revocation): boolean {
    return this.#taken.has(revocation);
  }

  /**
   * Puts a state in force, its new revocations first, whatever becomes of the rest.
   *
   * @returns how many sessions of the node are blocked and still to be closed.
   * @throws PolicyRefused for what it says, SignetError NETLINK_REFUSED when it may be tried again;
   * the policy before then stays in force, with these revocations.
   */
  async enforce(state: NodeState): Promise<number> {
    const base = this.#held?.databaseEpoch === state.databaseEpoch ? this.#held : undefined;
    return base === undefined ? this.#replace(state) : this.#change(base, state);
  }

  /**
   * Ends the sessions that revocations concern. One that the kernel refuses for what it says is
   * logged, and holds up no other.
   *
   * @throws SignetError NETLINK_REFUSED when they may be tried again.
   */
  async revoke(revocations: readonly messages.Revocation[]): Promise<void> {
    const refused = new Set<string>();
    for (const { revocation } of revocationParts(revocations)) {
      await this.#revoke(revocation ?? [], (id, error) => {
        refused.add(id);
        this.#log.error({ err: error, revocation: id }, "the kernel refuses a revocation");
      });
    }
    const taken = revocations.filter(({ id }) => !refused.has(id));
    for (const revocation of taken) this.#taken.add(revocation);
    const held = this.#held;
    if (held !== undefined) {
      this.#held = {
        ...held,
        revocations: [...held.revocations, ...revocationsBeyond({ revocations: taken }, held)],
      };
    }
  }

  async #change(base: NodeState, state: NodeState): Promise<number> {
    await this.revoke(revocationsBeyond(state, base));
    const now = this.#held ?? base;
    return this.#send(changeFrom(now, state), state);
  }

  async #replace(state: NodeState): Promise<number> {
    this.#held = undefined;
    try {
      await this.#part([], beginningOf(state));
    } finally {
      // They don't wait for a policy, not even for one that is refused.
      await this.revoke(state.revocations);
    }
    const revocations = state.revocations.filter((revocation) => this.took(revocation));
    return this.#send(restOf(state, { revocations }), state);
  }

  /** Sends what there is of a change, up to the end. */
  async #send(parts: readonly PolicyChangeRequest[], state: NodeState): Promise<number> {
    let ending = 0;
    for (const [index, part] of parts.entries()) {
      ending = await this.#part(parts.slice(0, index), part);
    }
    this.#held = state;
    return ending;
  }

  async #part(before: readonly PolicyChangeRequest[], part: PolicyChangeRequest): Promise<number> {
    try {
      return (await this.#module.changePolicy(part)).ending ?? 0;
    } catch (error) {
      const reason = refusedPolicy(error, [...before, part]);
      // The kernel has said that nothing is changed. Else nobody knows, or what was known is wrong.
      if (!(reason instanceof PolicyRefused)) this.#held = undefined;
      await this.#module.abortPolicy();
      throw reason;
    }
  }

  /** Those that are refused are found by halves: the kernel takes all of a message or none. */
  async #revoke(
    revocation: readonly RevocationAttributes[],
    onRefused: (id: string, error: unknown) => void,
  ): Promise<void> {
    try {
      await this.#module.changePolicy({ revocation });
    } catch (error) {
      if (!refusedForGood(error)) {
        // Some may have been taken: to be known when they are lifted.
        this.#held = undefined;
        throw error;
      }
      if (revocation.length > 1) {
        const half = revocation.length >> 1;
        await this.#revoke(revocation.slice(0, half), onRefused);
        await this.#revoke(revocation.slice(half), onRefused);
      } else {
        onRefused(String(revocation[0]?.id), error);
      }
    }
  }
}
