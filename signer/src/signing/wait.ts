// SPDX-License-Identifier: Apache-2.0

import { setMaxListeners } from "node:events";
import { LIMITS, SignetError } from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";

const TURN_MS = LIMITS.turn * 1_000;
const ANSWER_MS = LIMITS.answer * 1_000;

const NO_TURN = () =>
  new SignetError("DEADLINE_EXCEEDED", `Vault had no time for it within ${LIMITS.turn} s.`);
const NO_ANSWER = () =>
  new SignetError("VAULT_UNAVAILABLE", `Vault gave no answer within ${LIMITS.answer} s.`);

/**
 * How long orders that came together are waited for, from now on. Time runs out for one that waits
 * before it does for one that Vault was asked for: what is begun is begun in time.
 */
export class Wait {
  readonly #turn = new AbortController();
  readonly #answer = new AbortController();
  readonly #cancels: readonly (() => void)[];

  /** @param gone aborts when nobody waits any more */
  constructor(clock: Pick<Clock, "after">, gone?: AbortSignal) {
    for (const { signal } of [this.#turn, this.#answer]) setMaxListeners(0, signal);
    const leave = () => this.#turn.abort(new SignetError("CANCELLED"));
    if (gone?.aborted === true) leave();
    gone?.addEventListener("abort", leave);
    this.#cancels = [
      clock.after(TURN_MS, () => this.#turn.abort(NO_TURN())),
      clock.after(ANSWER_MS, () => this.#answer.abort(NO_ANSWER())),
      () => gone?.removeEventListener("abort", leave),
    ];
  }

  /** Aborts for what still waits for its turn: CANCELLED when nobody waits for it, DEADLINE_EXCEEDED. */
  get turn(): AbortSignal {
    return this.#turn.signal;
  }

  /**
   * Aborts for what Vault was asked for: VAULT_UNAVAILABLE. Not when nobody waits any more:
   * the ledger is to know what was signed, and a request that is cut off costs its connection.
   */
  get answer(): AbortSignal {
    return this.#answer.signal;
  }

  /** Stops waiting: neither aborts any more. */
  end(): void {
    for (const cancel of this.#cancels) cancel();
  }
}
