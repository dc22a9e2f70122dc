// SPDX-License-Identifier: Apache-2.0

import { readFile } from "node:fs/promises";
import { SignetError } from "@signet/contract";
import type { Vault, VaultToken } from "./vault.js";

/** Where the credentials of an AppRole are. */
export interface AppRoleFiles {
  roleIdFile: string;
  secretIdFile: string;
  wrappedSecretIdFile: string;
}

async function secretFrom(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new SignetError("CONFIG_UNREADABLE", `${file} cannot be read`, { cause });
  }
  if (text === "") throw new SignetError("CONFIG_UNREADABLE", `${file} is empty`);
  return text;
}

/** Logs in with an AppRole's credentials. A wrapped SecretID is unwrapped once and then kept in memory. */
export class AppRole {
  readonly #vault: Vault;
  readonly #files: AppRoleFiles;
  #unwrapped: string | undefined;

  constructor(vault: Vault, files: AppRoleFiles) {
    this.#vault = vault;
    this.#files = files;
  }

  /** @throws SignetError VAULT_LOGIN_FAILED, VAULT_UNAVAILABLE, CONFIG_UNREADABLE */
  async login(): Promise<VaultToken> {
    const roleId = await secretFrom(this.#files.roleIdFile);
    const secretId = await this.#secretId();
    try {
      return await this.#vault.login(roleId, secretId);
    } catch (cause) {
      throw refused(cause, `the credentials in ${this.#files.roleIdFile}`);
    }
  }

  async #secretId(): Promise<string> {
    const { secretIdFile, wrappedSecretIdFile } = this.#files;
    if (secretIdFile !== "") return secretFrom(secretIdFile);
    try {
      this.#unwrapped ??= await this.#vault.unwrapSecretId(await secretFrom(wrappedSecretIdFile));
      return this.#unwrapped;
    } catch (cause) {
      throw refused(
        cause,
        `the wrapping token in ${wrappedSecretIdFile} (if the signer did not use it, someone else opened it)`,
      );
    }
  }
}

function refused(cause: unknown, what: string): SignetError {
  const error = SignetError.from(cause);
  if (error.code !== "VAULT_REFUSED" && error.code !== "VAULT_DENIED") return error;
  return new SignetError("VAULT_LOGIN_FAILED", `Vault does not take ${what}`, { cause });
}
