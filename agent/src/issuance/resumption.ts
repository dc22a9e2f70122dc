// SPDX-License-Identifier: Apache-2.0
import { Backoff } from "@signet/runtime/backoff.js";
import type { Cancel, Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import type { Issuance } from "./issuance.js";

/** What resuming needs. */
export interface ResumptionParts {
  readonly module: Pick<KernelModule, "identities">;
  readonly issuance: Pick<Issuance, "resume">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Has issuance take over what the kernel has. */
export class Resumption {
  readonly #parts: ResumptionParts;
  readonly #backoff: Backoff;
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(parts: ResumptionParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.clock, 100, 10_000);
  }

  /** @throws SignetError NETLINK_REFUSED when the list can't be had. */
  async now(): Promise<void> {
    const { module, issuance } = this.#parts;
    issuance.resume(await module.identities());
  }

  /** When messages of the kernel were lost: after a pause, and again until the list can be had. */
  soon(): void {
    if (this.#stopped) return;
    this.#cancel ??= this.#parts.clock.after(this.#backoff.next(), () => {
      this.#cancel = undefined;
      void this.#try();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #try(): Promise<void> {
    try {
      await this.now();
      this.#backoff.reset();
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the kernel's identities could not be listed");
      this.soon();
    }
  }
}
