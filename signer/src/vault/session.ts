// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import type { Cancel, Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { unlessAborted } from "@signet/runtime/unless-aborted.js";
import type { AppRole } from "./app-role.js";
import type { Vault, VaultToken } from "./vault.js";

const RENEW_AT = 2 / 3;
const JITTER = 0.1;
const RETRY_MS = 5_000;

/**
 * A token of one AppRole that stays valid: renewed at two thirds of its lifetime, replaced by a new
 * login when it can't be renewed. Logins are single flight.
 */
export class VaultSession {
  readonly #vault: Vault;
  readonly #role: AppRole;
  readonly #clock: Clock;
  readonly #log: Log;
  #current: VaultToken | undefined;
  #login: Promise<string> | undefined;
  #cancel: Cancel | undefined;
  #closed = false;

  constructor(vault: Vault, role: AppRole, clock: Clock, log: Log) {
    this.#vault = vault;
    this.#role = role;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Does something with the token; once more with a new one if Vault denies it and the token itself
   * is no longer good, because it may have been revoked.
   * @param signal ends the wait for a token, which others may wait for, too
   * @throws SignetError VAULT_*; the signal's reason
   */
  async with<T>(work: (token: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const token = this.#current?.token ?? (await unlessAborted(this.#logIn(), signal));
    try {
      return await work(token);
    } catch (error) {
      if (!(error instanceof SignetError) || error.code !== "VAULT_DENIED") throw error;
      const other = await unlessAborted(this.#insteadOf(token), signal);
      if (other === undefined) throw error;
      return work(other);
    }
  }

  /** Stops renewing and gives the token back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    const token = this.#current?.token;
    this.#current = undefined;
    if (token === undefined) return;
    await this.#vault.giveBack(token).catch((error: unknown) => {
      this.#log.warn({ err: error }, "the Vault token could not be given back; it will expire");
    });
  }

  async #insteadOf(denied: string): Promise<string | undefined> {
    const current = this.#current?.token;
    // Another request may have replaced it already.
    if (current !== undefined && current !== denied) return current;
    return (await this.#isGood(denied)) ? undefined : this.#logIn();
  }

  async #isGood(token: string): Promise<boolean> {
    const code = await this.#vault.renew(token).then(
      () => undefined,
      (error: unknown) => SignetError.from(error).code,
    );
    return code !== "VAULT_DENIED";
  }

  async #logIn(): Promise<string> {
    if (this.#closed) throw new SignetError("STOPPING");
    this.#login ??= this.#role
      .login()
      .then((token) => this.#keep(token))
      .finally(() => (this.#login = undefined));
    return await this.#login;
  }

  #keep(token: VaultToken): string {
    this.#current = token;
    const delay = token.ttl * 1000 * RENEW_AT * (1 - JITTER * this.#clock.random());
    if (token.ttl > 0) this.#renewAt(this.#clock.now() + delay);
    return token.token;
  }

  #renewAt(time: number): void {
    this.#cancel?.();
    if (this.#closed) return;
    this.#cancel = this.#clock.at(time, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    try {
      const renewed = current.renewable ? await this.#vault.renew(current.token) : undefined;
      // Near its maximum a renewal gives little: a new login gives a whole lifetime.
      if (renewed !== undefined && renewed.ttl * 2 > current.ttl) this.#keep(renewed);
      else await this.#logIn();
    } catch (error) {
      this.#log.warn({ err: error }, "the Vault token could not be renewed; trying a new login");
      await this.#logIn().catch(() => this.#renewAt(this.#clock.now() + RETRY_MS));
    }
  }
}
