// SPDX-License-Identifier: Apache-2.0
import { SignetError, type ErrorCode, type messages } from "@signet/contract";
import { fromPem } from "@signet/contract/pem.js";
import { Backoff } from "@signet/runtime/backoff.js";
import { pause, pauseUntil, type Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { renewalTime } from "../issuance/renewal-time.js";
import { FaultyState } from "../sync/apply.js";
import { PolicyRefused } from "../sync/refused-policy.js";
import type { StateStore } from "../sync/state-store.js";
import { createNodeKey } from "./certificate-request.js";
import type { Enrolment } from "./enrolment.js";
import {
  credentialsFrom,
  validityOf,
  type CredentialsFile,
  type NodeCredentials,
} from "./node-credentials.js";
import { SignerClient, type SvidSigner } from "./signer-client.js";

/** What a session needs. */
export interface SignerSessionParts {
  /** "host:port" */
  readonly address: string;
  readonly file: CredentialsFile;
  readonly enrolment: Pick<Enrolment, "again">;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** With these a signer says that it takes this node's certificate no more. */
const REJECTED: readonly ErrorCode[] = ["NODE_SERIAL_STALE", "NODE_UNKNOWN"];

/** This node's standing with its signer: the stream of updates, and its own certificate. */
export class SignerSession implements SvidSigner {
  readonly #parts: SignerSessionParts;
  #credentials: NodeCredentials;
  #client: SignerClient;
  /** Drawn once for each certificate; milliseconds since 1970. */
  #renewAt: number;
  /** Aborted when the client is replaced. */
  #stream = new AbortController();

  constructor(credentials: NodeCredentials, parts: SignerSessionParts) {
    this.#parts = parts;
    this.#credentials = credentials;
    this.#client = new SignerClient(parts.address, credentials);
    this.#renewAt = this.#drawRenewal();
  }

  signSvids(requests: readonly messages.SvidRequestInput[]): Promise<messages.SvidResult[]> {
    return this.#client.signSvids(requests);
  }

  /** Follows the signer and renews the node's certificate until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => {
      this.#stream.abort();
    });
    await Promise.all([this.#follow(signal), this.#renew(signal)]);
    this.#client.close();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const backoff = new Backoff(clock, 250, 10_000);
    while (!signal.aborted) {
      const stream = this.#stream.signal;
      try {
        await this.#takeUpdates(stream, () => {
          backoff.reset();
        });
        if (!stream.aborted) log.warn("the signer ended the stream");
      } catch (error) {
        log.warn({ err: error }, "no signer to follow");
        if (this.#isRejected(error)) await this.#joinAgain(signal);
      }
      // A replaced certificate is taken into use at once.
      if (!stream.aborted) await pause(clock, backoff.next(), signal);
    }
  }

  async #takeUpdates(stream: AbortSignal, onUpdate: () => void): Promise<void> {
    const { store } = this.#parts;
    const held = store.told;
    const from = {
      databaseEpoch: held?.databaseEpoch ?? "",
      revision: String(held?.revision ?? 0),
    };
    for await (const update of this.#client.sync(from, stream)) {
      await this.#apply(update);
      onUpdate();
    }
  }

  /** A state that can't hold ends no stream: revocations come on it, and what mends the state. */
  async #apply(update: messages.SyncUpdate): Promise<void> {
    const { store, log } = this.#parts;
    try {
      await store.apply(update);
    } catch (error) {
      if (!(error instanceof PolicyRefused || error instanceof FaultyState)) throw error;
      const { revision } = update;
      log.error({ err: error, revision }, "the state before holds, with the new revocations");
    }
  }

  /** TLS refuses an expired certificate without saying so. */
  #isRejected(error: unknown): boolean {
    const { notAfter } = validityOf(this.#credentials);
    return REJECTED.includes(SignetError.from(error).code) || notAfter < this.#parts.clock.now();
  }

  async #joinAgain(signal: AbortSignal): Promise<void> {
    const credentials = await this.#parts.enrolment.again(this.#credentials);
    if (credentials !== undefined && !signal.aborted) this.#adopt(credentials);
  }

  /** A failed renewal is tried again. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const backoff = new Backoff(clock, 1000, 60_000);
    for (;;) {
      await pauseUntil(clock, this.#renewAt, signal);
      if (signal.aborted) return;
      if (this.#renewAt > clock.now()) continue;
      try {
        await this.#replaceCertificate(signal);
        backoff.reset();
      } catch (error) {
        log.warn({ err: error }, "the node's certificate was not renewed");
        await pause(clock, backoff.next(), signal);
      }
    }
  }

  #drawRenewal(): number {
    const { notBefore, notAfter } = validityOf(this.#credentials);
    return renewalTime({ issuedAt: notBefore, notAfter }, this.#parts.clock.random());
  }

  async #replaceCertificate(signal: AbortSignal): Promise<void> {
    const { clock, file, log } = this.#parts;
    const held = this.#credentials;
    const { privateKey, request } = createNodeKey();
    const answer = await this.#client.renewNodeCertificate(request);
    if (answer === null) throw new SignetError("INTERNAL", "The signer sent no certificate.");
    const now = new Date(clock.now());
    const issued = credentialsFrom(answer, privateKey, fromPem(held.roots), now);
    if (issued.nodeId !== held.nodeId) {
      throw new SignetError("SVID_WRONG_ID", `The certificate is for node ${issued.nodeId}.`);
    }
    // The node may have joined again meanwhile.
    if (signal.aborted || held !== this.#credentials) return;
    const credentials = { ...issued, tokenHash: held.tokenHash };
    await file.write(credentials);
    this.#adopt(credentials);
    log.info({ node: credentials.nodeId }, "the node's certificate was renewed");
  }

  /** Ends what runs with the certificate before. */
  #adopt(credentials: NodeCredentials): void {
    const [client, stream] = [this.#client, this.#stream];
    this.#credentials = credentials;
    this.#renewAt = this.#drawRenewal();
    this.#client = new SignerClient(this.#parts.address, credentials);
    this.#stream = new AbortController();
    stream.abort();
    client.close();
  }
}
