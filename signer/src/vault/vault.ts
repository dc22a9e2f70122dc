// SPDX-License-Identifier: Apache-2.0

import { setMaxListeners } from "node:events";
import nodeVault, { type client as NodeVault } from "node-vault";
import { z } from "zod";
import { SignetError } from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import {
  AuthAnswer,
  CertificateAnswer,
  RevokeAnswer,
  SecretIdAnswer,
  SignAnswer,
} from "./answers.js";
import { Purpose, type PurposeParts } from "./purpose.js";
import { Transport, type TransportOptions, type TransportRequest } from "./transport.js";
import { vaultFault } from "./vault-error.js";

/** How to reach Vault and how long to try. */
export interface VaultOptions extends TransportOptions {
  /** Longest wait for a request with its retries, in milliseconds. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Told why Vault failed. */
  readonly log: Log;
}

/** What is to be signed. */
export interface SignOrder {
  readonly mount: string;
  readonly role: string;
  /** PKCS#10, DER. */
  readonly csr: Buffer;
  /** The one SPIFFE ID. */
  readonly spiffeId: string;
  /** Seconds. */
  readonly ttl: number;
}

/** What Vault signed, as it came. */
export interface Signed {
  /** PEM. */
  readonly certificate: string;
  /** PEM, the issuer first, without the root. */
  readonly chain: readonly string[];
  /** Lower-case hex, without separators. */
  readonly serial: string;
  /** NotAfter, seconds since 1970. */
  readonly expiration: number;
}

/** A token of Vault and how long it lasts. */
export interface VaultToken {
  readonly token: string;
  /** Seconds. */
  readonly ttl: number;
  readonly renewable: boolean;
}

const silent = () => undefined;

/**
 * What Signet asks of Vault, typed, over node-vault. Every answer is checked at this boundary, and
 * every error is a SignetError whose message holds no secret.
 */
export class Vault {
  readonly #transport: Transport;
  readonly #client: NodeVault;
  readonly #purposes = new Map<string, Purpose>();
  readonly #parts: PurposeParts;
  readonly #closing = new AbortController();

  constructor(options: VaultOptions) {
    this.#transport = new Transport(options);
    const { deadlineMs, clock, log } = options;
    setMaxListeners(0, this.#closing.signal); // One for each request that waits.
    this.#parts = { deadlineMs, clock, log, closing: this.#closing.signal };
    const send = (request: TransportRequest) => this.#transport.send(request);
    this.#client = nodeVault({
      endpoint: options.address,
      debug: silent, // Its DEBUG output prints secrets.
      "request-promise": { defaults: () => send },
    });
    // Taken from the environment by node-vault; a token is given with each request instead.
    Object.assign(this.#client, { token: "", namespace: "", pathPrefix: "" });
  }

  /** Believes another CA of Vault's certificate from now on, PEM; the system's when undefined. */
  trust(ca: string | undefined): void {
    this.#transport.trust(ca);
  }

  /** Has a certificate signed, unless the signal aborts first. @throws SignetError VAULT_* */
  async sign(token: string, order: SignOrder, signal?: AbortSignal): Promise<Signed> {
    const { mount, role } = order;
    const body = {
      csr: pemOf("CERTIFICATE REQUEST", order.csr),
      uri_sans: order.spiffeId,
      ttl: `${order.ttl}s`,
      format: "pem",
      remove_roots_from_chain: true,
    };
    const path = `${mount}/sign/${role}`;
    const { data } = await this.#write(`sign ${mount}`, path, SignAnswer, token, body, signal);
    return {
      certificate: data.certificate,
      chain: data.ca_chain,
      serial: data.serial_number.replaceAll(":", ""),
      expiration: data.expiration,
    };
  }

  /** Puts a certificate (PEM) on its mount's CRL; once more is no error. @throws SignetError VAULT_* */
  async revoke(token: string, mount: string, certificate: string): Promise<void> {
    await this.#write(`revoke ${mount}`, `${mount}/revoke`, RevokeAnswer, token, { certificate });
  }

  /** The root certificate of a mount, PEM. Needs no token. @throws SignetError VAULT_* */
  async root(mount: string): Promise<string> {
    const path = `${mount}/cert/ca`;
    const answer = await this.#attempt(`read ${mount}`, (limitMs) =>
      this.#client.read(path, { limitMs }),
    );
    return check(path, CertificateAnswer, answer).data.certificate;
  }

  /** Logs in. @throws SignetError VAULT_* */
  async login(roleId: string, secretId: string): Promise<VaultToken> {
    const body = { role_id: roleId, secret_id: secretId };
    return tokenOf(await this.#write("log in", "auth/approle/login", AuthAnswer, undefined, body));
  }

  /** Renews a token. @throws SignetError VAULT_* */
  async renew(token: string): Promise<VaultToken> {
    return tokenOf(await this.#write("token", "auth/token/renew-self", AuthAnswer, token, {}));
  }

  /** Gives a token back. @throws SignetError VAULT_* */
  async giveBack(token: string): Promise<void> {
    await this.#write("token", "auth/token/revoke-self", z.unknown(), token, {});
  }

  /** Takes a SecretID out of its wrapping; works once. @throws SignetError VAULT_* */
  async unwrapSecretId(wrappingToken: string): Promise<string> {
    const path = "sys/wrapping/unwrap";
    const { data } = await this.#write("log in", path, SecretIdAnswer, wrappingToken, {});
    return data.secret_id;
  }

  /** Closes the connections; nothing is tried again. */
  close(): void {
    this.#closing.abort();
    this.#transport.close();
  }

  async #write<T>(
    purpose: string,
    path: string,
    schema: z.ZodType<T>,
    token: string | undefined,
    body: object,
    until?: AbortSignal,
  ) {
    const send = (limitMs: number) => {
      // A fresh object for each request: node-vault writes into the headers that it is given.
      const headers = token === undefined ? {} : { "X-Vault-Token": token };
      return this.#client.write(path, body, { headers, limitMs, signal: until });
    };
    return check(path, schema, await this.#attempt(purpose, send, until));
  }

  async #attempt(
    purpose: string,
    send: (limitMs: number) => Promise<unknown>,
    until?: AbortSignal,
  ): Promise<unknown> {
    try {
      return await this.#purpose(purpose).attempt(send, until);
    } catch (error) {
      throw vaultFault(error);
    }
  }

  #purpose(name: string): Purpose {
    const known = this.#purposes.get(name) ?? new Purpose(name, this.#parts);
    this.#purposes.set(name, known);
    return known;
  }
}

function check<T>(path: string, schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const where = result.error.issues.map((issue) => issue.path.join(".")).join(", ");
  const cause = new Error(`Vault's answer at ${path} lacks ${where}`);
  throw new SignetError("VAULT_UNAVAILABLE", undefined, { cause });
}

function tokenOf({ auth }: z.infer<typeof AuthAnswer>): VaultToken {
  return { token: auth.client_token, ttl: auth.lease_duration, renewable: auth.renewable };
}

function pemOf(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
