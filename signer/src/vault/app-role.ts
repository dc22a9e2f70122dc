// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import { secretFrom, type AppRoleFiles } from "./app-role-files.js";
import type { Vault, VaultToken } from "./vault.js";

/** What the files hold. */
interface Delivered {
  readonly roleId: string;
  /** A SecretID, or the token that it is wrapped in; undefined when that token's file is gone. */
  readonly secret: string | undefined;
}

interface Refusal extends Delivered {
  /** When it may be tried again, milliseconds since 1970. */
  readonly until: number;
  readonly error: SignetError;
}

// Twice in 15 minutes: after five refusals Vault locks an AppRole, also for the right SecretID.
const PAUSE_MS = 450_000;

/**
 * Logs in with an AppRole's credentials. What Vault refused is not tried again for a while, unless
 * the files change. A wrapped SecretID is unwrapped once and then kept in memory; another wrapping
 * token is opened when the SecretID that was kept is refused.
 */
export class AppRole {
  readonly #vault: Vault;
  readonly #files: AppRoleFiles;
  readonly #clock: Pick<Clock, "now">;
  #unwrapped: { readonly wrapping: string; readonly secretId: string } | undefined;
  #refusal: Refusal | undefined;
  #taken: Delivered | undefined;

  constructor(vault: Vault, files: AppRoleFiles, clock: Pick<Clock, "now">) {
    this.#vault = vault;
    this.#files = files;
    this.#clock = clock;
  }

  /** @throws SignetError VAULT_LOGIN_FAILED, VAULT_UNAVAILABLE, CONFIG_UNREADABLE */
  async login(): Promise<VaultToken> {
    const delivered = await this.#delivered();
    this.#checkRefusal(delivered);
    try {
      const token = await this.#logIn(delivered);
      this.#refusal = undefined;
      this.#taken = delivered;
      return token;
    } catch (cause) {
      const error = SignetError.from(cause);
      if (error.code === "VAULT_LOGIN_FAILED") this.#remember(delivered, error);
      throw error;
    }
  }

  /** Vault denied the token of the last login when it was new: a further one would fare no better. */
  denied(cause: SignetError): void {
    const what = `the token that it gave for the credentials in ${this.#files.roleIdFile}`;
    if (this.#taken !== undefined) this.#remember(this.#taken, refused(cause, what));
  }

  /** Lets the next login be tried, though the last was refused. */
  tryAgain(): void {
    if (this.#refusal !== undefined) this.#refusal = { ...this.#refusal, until: 0 };
  }

  #remember(delivered: Delivered, error: SignetError): void {
    this.#refusal = { ...delivered, error, until: this.#clock.now() + PAUSE_MS };
  }

  #checkRefusal({ roleId, secret }: Delivered): void {
    const refusal = this.#refusal;
    if (refusal?.roleId !== roleId || refusal.secret !== secret) return;
    const left = refusal.until - this.#clock.now();
    if (left > 0 && left <= PAUSE_MS) throw refusal.error; // More is left when the clock was set back.
  }

  async #delivered(): Promise<Delivered> {
    const { roleIdFile, secretIdFile, wrappedSecretIdFile } = this.#files;
    const roleId = await secretFrom(roleIdFile);
    if (secretIdFile !== "") return { roleId, secret: await secretFrom(secretIdFile) };
    const secret = await secretFrom(wrappedSecretIdFile).catch((error: unknown) => {
      if (this.#unwrapped === undefined) throw error;
      return undefined;
    });
    return { roleId, secret };
  }

  async #logIn({ roleId, secret }: Delivered): Promise<VaultToken> {
    if (this.#files.secretIdFile !== "") return this.#ask(roleId, secret ?? "");
    const kept = this.#unwrapped;
    if (kept === undefined) return this.#ask(roleId, await this.#unwrap(secret ?? ""));
    try {
      return await this.#ask(roleId, kept.secretId);
    } catch (error) {
      const isOther = secret !== undefined && secret !== kept.wrapping;
      if (!isOther || SignetError.from(error).code !== "VAULT_LOGIN_FAILED") throw error;
      return this.#ask(roleId, await this.#unwrap(secret));
    }
  }

  #ask(roleId: string, secretId: string): Promise<VaultToken> {
    return this.#vault.login(roleId, secretId).catch((cause: unknown) => {
      throw refused(cause, `the credentials in ${this.#files.roleIdFile}`);
    });
  }

  async #unwrap(wrapping: string): Promise<string> {
    const secretId = await this.#vault.unwrapSecretId(wrapping).catch((cause: unknown) => {
      const file = this.#files.wrappedSecretIdFile;
      const hint = "if the signer did not use it, someone else opened it";
      throw refused(cause, `the wrapping token in ${file} (${hint})`);
    });
    this.#unwrapped = { wrapping, secretId };
    return secretId;
  }
}

function refused(cause: unknown, what: string): SignetError {
  const error = SignetError.from(cause);
  if (error.code !== "VAULT_REFUSED" && error.code !== "VAULT_DENIED") return error;
  const why = new Error(`Vault does not take ${what}`, { cause: error.cause });
  return new SignetError("VAULT_LOGIN_FAILED", undefined, { cause: why });
}
