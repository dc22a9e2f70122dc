// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { LIMITS } from "@signet/contract/limits.js";
import { SignetError } from "@signet/contract/signet-error.js";
import { Backoff } from "@signet/runtime/backoff.js";
import type { Cancel, Clock } from "@signet/runtime/clock.js";

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

const LARGEST_QUEUE = 4096;

/**
 * Gathers requests into batches, of which a few run at a time. When a signer answers that this is
 * too much, half of it goes, after a pause, and little by little more.
 */
export class SigningQueue {
  readonly #sign: SignBatch;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #waiting: Waiting[] = [];
  #window: number = LIMITS.requestsInFlight;
  #inFlight = 0;
  #scheduled = false;
  #pause: Cancel | undefined;

  constructor(sign: SignBatch, clock: Clock) {
    this.#sign = sign;
    this.#clock = clock;
    this.#backoff = new Backoff(clock, 100, 5000);
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

  /** Cancels its timer; what waits then waits for good. */
  stop(): void {
    this.#pause?.();
  }

  /** What the kernel asks for in one turn of the event loop goes out together. */
  #schedule(): void {
    if (this.#scheduled || this.#pause !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#waiting.length > 0 && this.#inFlight < this.#window) {
      const batch = this.#waiting.splice(
        0,
        Math.min(LIMITS.requestsPerCall, this.#window - this.#inFlight),
      );
      this.#inFlight += batch.length;
      void this.#run(batch).finally(() => {
        this.#inFlight -= batch.length;
        this.#schedule();
      });
    }
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#sign(batch.map(({ request }) => request));
      this.#widen(batch.length);
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new SignetError("INTERNAL", "The signer left one out."));
        else resolve(result);
      });
    } catch (cause) {
      const error = SignetError.from(cause);
      if (error.code === "LIMIT_REACHED") this.#putBack(batch);
      else for (const { reject } of batch) reject(error);
    }
  }

  #widen(answered: number): void {
    this.#window = Math.min(LIMITS.requestsInFlight, this.#window + Math.ceil(answered / 8));
    this.#backoff.reset();
  }

  #putBack(batch: readonly Waiting[]): void {
    this.#waiting.unshift(...batch);
    this.#window = Math.ceil(this.#window / 2);
    this.#pause ??= this.#clock.after(this.#backoff.next(), () => {
      this.#pause = undefined;
      this.#schedule();
    });
  }
}
