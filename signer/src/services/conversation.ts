// SPDX-License-Identifier: Apache-2.0

import type { ServerDuplexStream } from "@grpc/grpc-js";
import { SignetError, toGrpcStatus, type messages } from "@signet/contract";
import type { Converse } from "../attestation/attestor.js";

/** The gRPC call under a conversation. */
export type AttestCall = ServerDuplexStream<messages.AttestRequest, messages.AttestResponseInput>;

// Whoever says nothing is not waited for as long as Vault is.
const SILENCE_MS = 5_000;
const DEADLINE_MS = 30_000;

/** The conversation with a node that joins, which ends by itself when it takes too long. */
export class Conversation {
  readonly #call: AttestCall;
  readonly #requests: AsyncIterator<messages.AttestRequest>;
  #timer: NodeJS.Timeout;
  readonly #over = new AbortController();

  constructor(call: AttestCall) {
    this.#call = call;
    this.#requests = call[Symbol.asyncIterator]() as AsyncIterator<messages.AttestRequest>;
    this.#timer = this.#endIn(SILENCE_MS);
    call.on("cancelled", () => this.#over.abort());
  }

  /** The peer's address and port. */
  get peer(): string {
    return this.#call.getPeer();
  }

  /** The peer's address. */
  get address(): string {
    return this.peer.replace(/:\d+$/, "");
  }

  /** Aborts when nobody waits for an answer any more. */
  get gone(): AbortSignal {
    return this.#over.signal;
  }

  /** The first message. @throws SignetError REQUEST_INVALID */
  async first(): Promise<messages.AttestRequest> {
    const request = await this.#next();
    clearTimeout(this.#timer);
    this.#timer = this.#endIn(DEADLINE_MS);
    return request;
  }

  /** Sends a challenge, and gives its answer. */
  readonly converse: Converse = (challenge) => {
    this.#call.write(challenge);
    return this.#next();
  };

  /** Ends it with what the node joined for. */
  deliver(certificate: messages.NodeCertificateInput): void {
    clearTimeout(this.#timer);
    this.#call.write({ certificate });
    this.#call.end();
  }

  /** Ends it with an error, unless it is over. */
  fail(error: unknown): void {
    clearTimeout(this.#timer);
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#call.emit("error", toGrpcStatus(error));
  }

  async #next(): Promise<messages.AttestRequest> {
    const step = await this.#requests.next();
    if (step.done !== true) return step.value;
    throw new SignetError("REQUEST_INVALID", "The node ended the conversation.");
  }

  #endIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.fail(new SignetError("DEADLINE_EXCEEDED")), ms);
  }
}
