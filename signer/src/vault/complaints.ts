// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { NotAskedError } from "./breaker.js";
import { isOutage } from "./vault-error.js";

const WINDOW_MS = 60_000;
const MOST_CAUSES = 8;

/** Says in the log why Vault failed for one purpose: each cause once a minute, and that it is over. */
export class Complaints {
  readonly #purpose: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #said = new Set<string>();
  #begun = 0;
  #unsaid = 0;
  #isAway = false;

  constructor(purpose: string, clock: Clock, log: Log) {
    this.#purpose = purpose;
    this.#clock = clock;
    this.#log = log;
  }

  /** @param error as Vault or the way to it failed; what was not asked at all has its cause said before */
  failed(error: unknown): void {
    if (error instanceof NotAskedError || this.#isSaid(String(error))) {
      this.#unsaid += 1;
      return;
    }
    const about = { err: error, purpose: this.#purpose, unsaid: this.#unsaid };
    this.#log.warn(about, "Vault did not do what it was asked");
    this.#unsaid = 0;
    this.#isAway ||= isOutage(error);
  }

  /** Vault did what it was asked. */
  worked(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#log.info({ purpose: this.#purpose }, "Vault does again what it is asked");
  }

  #isSaid(text: string): boolean {
    const now = this.#clock.now();
    if (Math.abs(now - this.#begun) >= WINDOW_MS) {
      this.#begun = now;
      this.#said.clear();
    }
    if (this.#said.has(text) || this.#said.size >= MOST_CAUSES) return true;
    this.#said.add(text);
    return false;
  }
}
