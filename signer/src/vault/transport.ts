// SPDX-License-Identifier: Apache-2.0

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { VaultAnswerError, VaultTransportError } from "./vault-error.js";

const MAX_ANSWER = 1024 * 1024;

/** How to reach Vault. */
export interface TransportOptions {
  /** "https://vault.example.org:8200" */
  readonly address: string;
  /** CA of Vault's certificate, PEM; the system's when absent. */
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

/** A request as node-vault hands it to its HTTP client. */
export interface TransportRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly json?: unknown;
  /** Longest wait, in milliseconds, where it is less than the transport's own. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer as node-vault expects it from its HTTP client. */
export interface TransportAnswer {
  readonly statusCode: number;
  readonly body: unknown;
  readonly request: { readonly path: string };
}

/**
 * The HTTP client under node-vault, in place of its own, which follows redirects with the token,
 * has no timeout, keeps no connection and puts the token into its errors.
 */
export class Transport {
  readonly #secure: boolean;
  readonly #timeoutMs: number;
  readonly #maxConnections: number;
  readonly #retired: (HttpAgent | HttpsAgent)[] = [];
  #agent: HttpAgent | HttpsAgent;

  constructor(options: TransportOptions) {
    this.#secure = options.address.startsWith("https:");
    this.#timeoutMs = options.timeoutMs;
    this.#maxConnections = options.maxConnections;
    this.#agent = this.#agentFor(options.ca);
  }

  /** Believes another CA from now on. Requests under way end with the one before. */
  trust(ca: string | undefined): void {
    const before = this.#agent;
    this.#agent = this.#agentFor(ca);
    before.maxFreeSockets = 0; // Each connection ends with its last request.
    this.#retired.push(before);
    for (const sockets of Object.values(before.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  /**
   * Sends one request. Answers other than 200 and 204, redirects included, are errors.
   * @throws VaultAnswerError, VaultTransportError; the reason of the request's own signal
   */
  async send(request: TransportRequest): Promise<TransportAnswer> {
    const url = new URL(request.uri);
    const path = url.pathname.replace(/^\/v1\//, "");
    const limitMs = Math.max(1, Math.floor(Math.min(this.#timeoutMs, request.limitMs)));
    const cutOff = new AbortController();
    const cut = () => cutOff.abort();
    const timer = setTimeout(cut, limitMs);
    request.signal?.addEventListener("abort", cut);
    try {
      const [message, text] = await this.#exchange(url, request, cutOff.signal);
      return answer(message, text, path);
    } catch (error) {
      if (error instanceof VaultAnswerError) throw error;
      request.signal?.throwIfAborted();
      if (cutOff.signal.aborted) throw new VaultTransportError(path, "no answer in time");
      throw unreached(path, error);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", cut);
    }
  }

  /** Closes the connections. */
  close(): void {
    for (const agent of [...this.#retired, this.#agent]) agent.destroy();
  }

  #agentFor(ca: string | undefined): HttpAgent | HttpsAgent {
    const pool = { keepAlive: true, maxSockets: this.#maxConnections, scheduling: "lifo" } as const;
    if (!this.#secure) return new HttpAgent(pool);
    return new HttpsAgent({
      ...pool,
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
    });
  }

  #exchange(url: URL, request: TransportRequest, signal: AbortSignal) {
    const body = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json));
    const options = {
      method: request.method,
      agent: this.#agent,
      signal,
      headers: {
        ...request.headers,
        "X-Vault-Request": "true",
        ...(body ? { "Content-Type": "application/json", "Content-Length": body.length } : {}),
      },
    };
    return new Promise<[IncomingMessage, string]>((resolve, reject) => {
      const send = this.#secure ? httpsRequest : httpRequest;
      const outgoing = send(url, options, (message) => {
        collect(message).then((text) => resolve([message, text]), reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

async function collect(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw Object.assign(new Error(), { code: "answer too long" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(message: IncomingMessage, text: string, path: string): TransportAnswer {
  const status = message.statusCode ?? 0;
  const body = parsed(text);
  if (status === 200 || status === 204) return { statusCode: status, body, request: { path } };
  const seconds = Number(message.headers["retry-after"]);
  const wait = seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const { location } = message.headers;
  const words = location === undefined ? reasons(body) : [redirection(location)];
  throw new VaultAnswerError(status, path, words, wait);
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasons(body: unknown): string[] {
  const errors = (body as { errors?: unknown } | undefined)?.errors;
  return Array.isArray(errors) ? errors.filter((e) => typeof e === "string").slice(0, 8) : [];
}

function redirection(location: string): string {
  const to = URL.canParse(location) ? new URL(location).origin : "elsewhere";
  return `it redirects to ${to}, as a standby does; vault.address must reach the active node`;
}

// Of Node.js and OpenSSL: what Vault shows is not what vault.caFile vouches for.
const NOT_TRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT)/;

// Only the code: messages of other libraries could hold what was sent.
function unreached(path: string, error: unknown): VaultTransportError {
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return new VaultTransportError(path, "connection failed");
  if (!NOT_TRUSTED.test(code)) return new VaultTransportError(path, code);
  const why = `its certificate is not one that the CA in vault.caFile vouches for (${code})`;
  return new VaultTransportError(path, why, false);
}
