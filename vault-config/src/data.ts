// SPDX-License-Identifier: Apache-2.0

import { readFile } from "node:fs/promises";
import type { Json } from "./vault.js";

/** A root, the issuing mount under it, and the roles of that mount. */
export interface Authority {
  readonly description: string;
  readonly root: { readonly mount: string; readonly commonName: string; readonly ttl: string };
  readonly issuing: {
    readonly mount: string;
    readonly commonName: string;
    readonly ttl: string;
    readonly maxLeaf: string;
  };
  readonly roles: readonly string[];
}

/** Names of the AppRoles, each with an ACL policy of the same name. */
export const APPROLES = ["signet-signing", "signet-revocation"] as const;

const FOLDER = new URL("../", import.meta.url);
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;

/** Reads the data files of this folder with the trust domain filled in. */
export class Data {
  readonly #trustDomain: string;

  /** @throws Error when the trust domain is not a valid name */
  constructor(trustDomain: string) {
    if (!TRUST_DOMAIN.test(trustDomain)) {
      throw new Error(
        `${JSON.stringify(trustDomain)} is not a trust domain: use a-z, 0-9, '.', '-', '_'`,
      );
    }
    this.#trustDomain = trustDomain;
  }

  async authorities(): Promise<Authority[]> {
    return JSON.parse(await this.#text("authorities.json")) as Authority[];
  }

  async role(name: string): Promise<Json> {
    return JSON.parse(await this.#text(`roles/${name}.json`)) as Json;
  }

  async approle(name: string): Promise<Json> {
    return JSON.parse(await this.#text(`approles/${name}.json`)) as Json;
  }

  async policy(name: string): Promise<string> {
    return this.#text(`policies/${name}.hcl`);
  }

  async #text(file: string): Promise<string> {
    const text = await readFile(new URL(file, FOLDER), "utf8");
    return text.replaceAll("{{trust_domain}}", this.#trustDomain);
  }
}
