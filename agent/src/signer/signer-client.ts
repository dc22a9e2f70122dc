// SPDX-License-Identifier: Apache-2.0
import {
  fromGrpcError,
  KEEPALIVE,
  LIMITS,
  NodeService,
  signerChannelCredentials,
  type messages,
} from "@signet/contract";
import type { IssuedCredentials } from "./node-credentials.js";
import { SERVER_NAME } from "./server-name.js";

const DEADLINE_MS = LIMITS.wait * 1_000;
const SILENCE_MS = LIMITS.silence * 1_000;
/** A snapshot is one message, and holds every revocation that is in force. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;
const OPTIONS = {
  ...SERVER_NAME,
  ...KEEPALIVE,
  "grpc.max_receive_message_length": LARGEST_MESSAGE,
  "grpc.initial_reconnect_backoff_ms": 250,
  "grpc.max_reconnect_backoff_ms": 5000,
};

/** What issuance asks of a signer. */
export interface SvidSigner {
  /** Has requests signed; results are in their order. At most LIMITS.requestsPerCall. */
  signSvids(requests: readonly messages.SvidRequestInput[]): Promise<messages.SvidResult[]>;
}

/** A signer, spoken to as this node. Methods throw SignetError: the signer's code or SIGNER_*. */
export class SignerClient implements SvidSigner {
  readonly #client: InstanceType<typeof NodeService>;

  /** @param address "host:port" */
  constructor(address: string, { chain, key, roots, trustDomain }: IssuedCredentials) {
    const credentials = signerChannelCredentials({
      roots: Buffer.from(roots),
      trustDomain,
      identity: { chain: Buffer.from(chain), key: Buffer.from(key) },
    });
    this.#client = new NodeService(address, credentials, OPTIONS);
  }

  async signSvids(requests: readonly messages.SvidRequestInput[]): Promise<messages.SvidResult[]> {
    const { results } = await this.#unary<messages.SignSvidsResponse>((deadline, callback) => {
      this.#client.signSvids({ requests: [...requests] }, { deadline }, callback);
    });
    return results;
  }

  /** A new certificate of this node for a request, PKCS#10 DER. */
  async renewNodeCertificate(csr: Buffer): Promise<messages.NodeCertificate | null> {
    const { certificate } = await this.#unary<messages.RenewNodeCertificateResponse>(
      (deadline, callback) => {
        this.#client.renewNodeCertificate({ csr }, { deadline }, callback);
      },
    );
    return certificate;
  }

  /**
   * The updates of this node, until the stream ends, falls silent or the signal aborts. The next is
   * asked for when the one before was dealt with.
   */
  async *sync(
    held: messages.SyncRequestInput,
    signal: AbortSignal,
  ): AsyncGenerator<messages.SyncUpdate> {
    const call = this.#client.sync(held);
    const cancel = (): void => {
      call.cancel();
    };
    let silence = setTimeout(cancel, SILENCE_MS);
    signal.addEventListener("abort", cancel);
    try {
      for await (const update of call) {
        clearTimeout(silence);
        yield update as messages.SyncUpdate;
        silence = setTimeout(cancel, SILENCE_MS);
      }
    } catch (error) {
      if (!signal.aborted) throw fromGrpcError(error);
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", cancel);
      cancel();
    }
  }

  /** Ends the connection; calls that run fail. */
  close(): void {
    this.#client.close();
  }

  #unary<T>(
    call: (deadline: number, callback: (error: Error | null, response?: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      call(Date.now() + DEADLINE_MS, (error, response) => {
        if (error === null && response !== undefined) resolve(response);
        else reject(fromGrpcError(error));
      });
    });
  }
}
