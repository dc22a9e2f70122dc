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
/** So long after its login a token that Vault denies shows that a further login would not help. */
const NEW_MS = 60_000;

/**
 * A token of one AppRole that stays valid: renewed at two thirds of its lifetime, replaced by a new
 * login when it can't be renewed. Logins are single flight; one that failed is tried again by itself,
 * when the AppRole allows it.
 */
export class VaultSession {
  readonly #vault: Vault;
  readonly #role: AppRole;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #now: () => number;
  #current: VaultToken | undefined;
  /** Vault has taken the current token at least once. */
  #proven = false;
  /** When it was given, in milliseconds that no one sets. */
  #since = 0;
  #complaint = "";
  #login: Promise<string> | undefined;
  #cancel: Cancel | undefined;
  #closed = false;

  /** @param now milliseconds that no one sets */
  constructor(vault: Vault, role: AppRole, clock: Clock, log: Log, now = () => performance.now()) {
    this.#vault = vault;
    this.#role = role;
    this.#clock = clock;
    this.#log = log;
    this.#now = now;
  }

  /** Begins to log in. If that fails, it is in the log, and tried again. */
  start(): void {
    this.#logIn().catch(() => undefined);
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
      return await this.#use(token, work);
    } catch (error) {
      if (!(error instanceof SignetError) || error.code !== "VAULT_DENIED") throw error;
      const other = await unlessAborted(this.#insteadOf(token, error), signal);
      if (other === undefined) throw error;
      return this.#use(other, work);
    }
  }

  /** Tries a login now, if there is no token, though the last was refused. */
  tryAgain(): void {
    this.#role.tryAgain();
    if (this.#current === undefined) this.#wake(0);
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

  async #use<T>(token: string, work: (token: string) => Promise<T>): Promise<T> {
    const done = await work(token);
    if (token === this.#current?.token) this.#proven = true;
    return done;
  }

  async #insteadOf(denied: string, error: SignetError): Promise<string | undefined> {
    const current = this.#current?.token;
    // Another request may have replaced it already.
    if (current !== undefined && current !== denied) return current;
    if (await this.#isGood(denied)) return undefined;
    if (this.#current?.token === denied) {
      if (!this.#proven && this.#now() - this.#since < NEW_MS) this.#role.denied(error);
      this.#current = undefined;
    }
    return this.#current?.token ?? (await this.#logIn());
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
      .then(
        (token) => this.#loggedIn(token),
        (error: unknown) => this.#failed(error),
      )
      .finally(() => (this.#login = undefined));
    return await this.#login;
  }

  #loggedIn(token: VaultToken): string {
    this.#proven = false;
    this.#since = this.#now();
    this.#complaint = "";
    return this.#keep(token);
  }

  #failed(error: unknown): never {
    const { cause } = SignetError.from(error);
    if (String(cause) !== this.#complaint) {
      this.#log.error({ err: error }, "no login to Vault; it is tried again");
    }
    this.#complaint = String(cause);
    this.#wake(RETRY_MS);
    throw error;
  }

  #keep(token: VaultToken): string {
    this.#current = token;
    const delay = token.ttl * 1000 * RENEW_AT * (1 - JITTER * this.#clock.random());
    if (token.ttl > 0) this.#wake(delay);
    return token.token;
  }

  #wake(delayMs: number): void {
    this.#cancel?.();
    if (this.#closed) return;
    this.#cancel = this.#clock.at(this.#clock.now() + delayMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const current = this.#current;
    try {
      const renewed = current?.renewable ? await this.#vault.renew(current.token) : undefined;
      this.#proven ||= renewed !== undefined;
      // Near its maximum a renewal gives little: a new login gives a whole lifetime.
      if (current && renewed && renewed.ttl * 2 > current.ttl) this.#keep(renewed);
      else await this.#logIn();
    } catch (error) {
      if (current === undefined || this.#closed) return;
      this.#log.warn({ err: error }, "the Vault token could not be renewed; trying a new login");
      const isDenied = SignetError.from(error).code === "VAULT_DENIED";
      if (isDenied && this.#current === current) this.#current = undefined;
      await this.#logIn().catch(() => undefined);
    }
  }
}
