// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import { Backoff } from "@signet/runtime/backoff.js";
import { seconds, type Cancel, type Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import type { Issuers } from "../signing/issuance.js";
import type { Database } from "../store/database.js";
import { pendingForVault, recordVaultAnswer, type VaultRevocation } from "../store/revocations.js";
import type { VaultSession } from "../vault/session.js";
import type { Vault } from "../vault/vault.js";

/** What VaultMessenger works with. */
export interface VaultMessengerParts {
  readonly db: Database;
  readonly vault: Vault;
  /** Of the AppRole that may revoke. */
  readonly session: VaultSession;
  readonly issuers: Issuers;
  readonly clock: Clock;
  readonly log: Log;
}

const AT_ONCE = 32;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Tells Vault of revocations, in the background, until it has taken each. */
export class VaultMessenger {
  readonly #parts: VaultMessengerParts;
  readonly #backoff: Backoff;
  #cancel: Cancel | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(parts: VaultMessengerParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.clock, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  }

  /** Begins, if it is not under way: something was queued. */
  wake(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#cancel?.();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) {
        this.#again = false;
        this.wake();
      }
    });
  }

  /** Stops after the request that is under way. What is queued stays queued. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#drain();
      this.#backoff.reset();
    } catch (error) {
      const pause = this.#backoff.next();
      this.#parts.log.warn({ err: error, pause }, "Vault has yet to take revocations");
      if (this.#closed) return;
      this.#cancel = this.#parts.clock.after(pause, () => this.wake());
    }
  }

  async #drain(): Promise<void> {
    for (;;) {
      const pending = await pendingForVault(this.#parts.db, AT_ONCE);
      if (pending.length === 0) return;
      let failed: unknown;
      for (const certificate of pending) {
        if (this.#closed) return;
        failed = (await this.#tell(certificate)) ?? failed;
      }
      if (failed !== undefined) throw SignetError.from(failed);
    }
  }

  async #tell(certificate: VaultRevocation): Promise<SignetError | undefined> {
    const { db, vault, session, issuers, clock } = this.#parts;
    const { mount } = issuers[certificate.issuer];
    try {
      await session.with((token) => vault.revoke(token, mount, certificate.pem));
      await recordVaultAnswer(db, certificate, { doneAt: seconds(clock), code: "" });
      return undefined;
    } catch (error) {
      const fault = SignetError.from(error);
      await recordVaultAnswer(db, certificate, { doneAt: null, code: fault.code });
      return fault;
    }
  }
}
