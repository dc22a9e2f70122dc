// SPDX-License-Identifier: Apache-2.0

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** A JSON object as Vault sends it. */
export type Json = Record<string, unknown>;

/** How to reach a Vault as an operator. */
export interface VaultAddress {
  /** "https://vault.example.org:8200" */
  readonly address: string;
  readonly token: string;
  /** PEM of the CA of Vault's own certificate; the system's CAs when absent. */
  readonly ca?: string;
}

/** What Vault answered that is not a success. Never holds the token. */
export class VaultAnswer extends Error {
  override readonly name = "VaultAnswer";
  constructor(
    readonly status: number,
    what: string,
    readonly errors: readonly string[],
  ) {
    super(`Vault answered ${String(status)} to ${what}: ${errors.join("; ") || "no reason given"}`);
  }
}

const TIMEOUT_MS = 30_000;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const MAX_BODY = 4 * 1024 * 1024;

/** The few requests that applying a configuration needs. Follows no redirects. */
export class Vault {
  readonly #to: VaultAddress;

  /** @throws Error when the token would go over plain http to another host */
  constructor(to: VaultAddress) {
    const { protocol, hostname } = new URL(to.address);
    if (protocol !== "https:" && !(protocol === "http:" && LOOPBACK.has(hostname))) {
      throw new Error(`${to.address}: use https://HOST[:PORT]; plain http only to loopback`);
    }
    this.#to = to;
  }

  /** The `data` of what is at a path, or undefined when there is nothing. */
  async read(path: string): Promise<Json | undefined> {
    return this.#orNothing("GET", path);
  }

  /** The `data` of a listing, or undefined when there is nothing. */
  async list(path: string): Promise<Json | undefined> {
    return this.#orNothing("LIST", path);
  }

  /** Writes, and returns the answer's `data`, or `{}`. */
  async write(path: string, body: Json): Promise<Json> {
    const answer = await this.#send("POST", path, body);
    return (answer["data"] ?? {}) as Json;
  }

  /** Writes and has the answer wrapped; returns the wrapping token. `ttl`: seconds. */
  async wrapped(path: string, body: Json, ttl: number): Promise<string> {
    const answer = await this.#send("POST", path, body, { "X-Vault-Wrap-TTL": `${String(ttl)}s` });
    const token = (answer["wrap_info"] as Json | undefined)?.["token"];
    if (typeof token !== "string") throw new Error(`Vault did not wrap its answer to ${path}`);
    return token;
  }

  async #orNothing(method: string, path: string): Promise<Json | undefined> {
    try {
      const answer = await this.#send(method, path);
      return (answer["data"] ?? answer) as Json;
    } catch (error) {
      if (error instanceof VaultAnswer && error.status === 404) return undefined;
      throw error;
    }
  }

  async #send(method: string, path: string, body?: Json, headers: Record<string, string> = {}) {
    const url = new URL(`/v1/${path}`, this.#to.address);
    const [status, text] = await this.#exchange(url, method, body, headers);
    const answer = (text === "" ? {} : JSON.parse(text)) as Json;
    if (status === 200 || status === 204) return answer;
    throw new VaultAnswer(status, `${method} ${path}`, (answer["errors"] ?? []) as string[]);
  }

  #exchange(url: URL, method: string, body: Json | undefined, headers: Record<string, string>) {
    const secure = url.protocol === "https:";
    const options = {
      method,
      headers: { "X-Vault-Token": this.#to.token, "X-Vault-Request": "true", ...headers },
      timeout: TIMEOUT_MS,
      ...(secure && this.#to.ca !== undefined ? { ca: this.#to.ca } : {}),
    };
    return new Promise<[number, string]>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BODY) request.destroy(new Error("Vault's answer is too long"));
          chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () => {
          resolve([response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")]);
        });
      });
      request.on("timeout", () => request.destroy(new Error("Vault did not answer in time")));
      request.on("error", reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
