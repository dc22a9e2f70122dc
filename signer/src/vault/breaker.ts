// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import { isOutage } from "./vault-error.js";

const OUTAGES_TO_OPEN = 8;
const PAUSE_MS = 1_000;

/** Vault was not asked, because of the outages before; the last of them is the cause. */
export class NotAskedError extends Error {
  override readonly name = "NotAskedError";
  readonly code = "NOT_ASKED";

  constructor(cause: unknown) {
    super("Vault is not asked again yet after outages in a row", { cause });
  }
}

/**
 * Lets nothing through for a moment after several outages in a row; then one at a time, until one
 * is answered. A refusal is an answer. What the signer itself gave up says nothing of Vault.
 */
export class Breaker {
  readonly #now: () => number;
  #outages = 0;
  #last: unknown;
  #shutUntil = 0;
  #trial = false;

  /** @param now milliseconds that no one sets */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** @throws NotAskedError, or what the work failed with */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const isTrial = this.#outages >= OUTAGES_TO_OPEN;
    if (isTrial && (this.#trial || this.#now() < this.#shutUntil)) {
      throw new NotAskedError(this.#last);
    }
    this.#trial ||= isTrial;
    try {
      const done = await work();
      this.#outages = 0;
      return done;
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      if (isTrial) this.#trial = false;
    }
  }

  #failed(error: unknown): void {
    if (isOutage(error)) {
      this.#outages += 1;
      this.#last = error;
      this.#shutUntil = this.#now() + PAUSE_MS;
    } else if (!(error instanceof SignetError)) this.#outages = 0;
  }
}
