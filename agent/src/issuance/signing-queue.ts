// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";

/** One request, as the signer wants it. */
export interface SigningRequest {
  readonly entryId: string;
  /** PKCS#10, DER. */
  readonly csr: Buffer;
}

/** Has a batch signed; results in the order of the requests. */
export type SignBatch = (requests: readonly SigningRequest[]) => Promise<messages.SvidResult[]>;

interface Waiting {
  readonly request: SigningRequest;
  readonly resolve: (result: messages.SvidResult) => void;
  readonly reject: (error: Error) => void;
}

const BATCH_SIZE = 64;
const BATCHES_IN_FLIGHT = 4;
const LARGEST_QUEUE = 4096;

/** Gathers requests into batches, of which a few run at a time. */
export class SigningQueue {
  readonly #sign: SignBatch;
  readonly #waiting: Waiting[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(sign: SignBatch) {
    this.#sign = sign;
  }

  /**
   * Has one request signed.
   *
   * @throws SignetError what the signer's call failed with; LIMIT_REACHED when too many wait.
   */
  submit(request: SigningRequest): Promise<messages.SvidResult> {
    if (this.#waiting.length >= LARGEST_QUEUE) {
      const full = `More than ${String(LARGEST_QUEUE)} certificate requests wait for a signer.`;
      return Promise.reject(new SignetError("LIMIT_REACHED", full));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  /** What the kernel asks for in one turn of the event loop goes out together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#waiting.length > 0 && this.#inFlight < BATCHES_IN_FLIGHT) {
      const batch = this.#waiting.splice(0, BATCH_SIZE);
      this.#inFlight++;
      void this.#run(batch).finally(() => {
        this.#inFlight--;
        this.#schedule();
      });
    }
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#sign(batch.map(({ request }) => request));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new SignetError("INTERNAL", "The signer left one out."));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(SignetError.from(error));
    }
  }
}
