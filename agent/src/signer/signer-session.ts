// SPDX-License-Identifier: Apache-2.0
import { SignetError, type messages } from "@signet/contract";
import { fromPem } from "@signet/contract/pem.js";
import { Backoff } from "../backoff.js";
import { pause, type Clock } from "../clock.js";
import { renewalTime } from "../issuance/renewal-time.js";
import type { Log } from "../log.js";
import type { StateStore } from "../sync/state-store.js";
import { createNodeKey } from "./certificate-request.js";
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
  readonly store: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** This node's standing with its signer: the stream of updates, and its own certificate. */
export class SignerSession implements SvidSigner {
  readonly #parts: SignerSessionParts;
  #credentials: NodeCredentials;
  #client: SignerClient;
  /** Aborted when the client is replaced. */
  #stream = new AbortController();

  constructor(credentials: NodeCredentials, parts: SignerSessionParts) {
    this.#parts = parts;
    this.#credentials = credentials;
    this.#client = new SignerClient(parts.address, credentials);
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
      }
      // A replaced certificate is taken into use at once.
      if (!stream.aborted) await pause(clock, backoff.next(), signal);
    }
  }

  async #takeUpdates(stream: AbortSignal, onUpdate: () => void): Promise<void> {
    const { store } = this.#parts;
    const held = store.current;
    const from = {
      databaseEpoch: held?.databaseEpoch ?? "",
      revision: String(held?.revision ?? 0),
    };
    for await (const update of this.#client.sync(from, stream)) {
      await store.apply(update);
      onUpdate();
    }
  }

  /** The moment is drawn once for each certificate; a failed renewal is tried again. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const backoff = new Backoff(clock, 1000, 60_000);
    let delay = this.#untilRenewal();
    for (;;) {
      await pause(clock, delay, signal);
      if (signal.aborted) return;
      try {
        await this.#replaceCertificate(signal);
        backoff.reset();
        delay = this.#untilRenewal();
      } catch (error) {
        log.warn({ err: error }, "the node's certificate was not renewed");
        delay = backoff.next();
      }
    }
  }

  #untilRenewal(): number {
    const { clock } = this.#parts;
    const { notBefore, notAfter } = validityOf(this.#credentials);
    const at = renewalTime({ issuedAt: notBefore, notAfter }, clock.random());
    return Math.max(0, at - clock.now());
  }

  async #replaceCertificate(signal: AbortSignal): Promise<void> {
    const { address, clock, file, log } = this.#parts;
    const { privateKey, request } = createNodeKey();
    const answer = await this.#client.renewNodeCertificate(request);
    if (answer === null) throw new SignetError("INTERNAL", "The signer sent no certificate.");
    const roots = fromPem(this.#credentials.roots);
    const credentials = credentialsFrom(answer, privateKey, roots, new Date(clock.now()));
    if (credentials.nodeId !== this.#credentials.nodeId) {
      throw new SignetError("SVID_WRONG_ID", `The certificate is for node ${credentials.nodeId}.`);
    }
    await file.write(credentials);
    if (signal.aborted) return;
    const [client, stream] = [this.#client, this.#stream];
    this.#credentials = credentials;
    this.#client = new SignerClient(address, credentials);
    this.#stream = new AbortController();
    stream.abort();
    client.close();
    log.info({ node: credentials.nodeId }, "the node's certificate was renewed");
  }
}
