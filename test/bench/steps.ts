// SPDX-License-Identifier: Apache-2.0
import type { Writable } from "node:stream";

const SHOWN_EVERY_MS = 5_000;

/** Thrown by a step that did not begin, or was given up, because somebody pressed Ctrl-C. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
  }
}

/** The steps of a benchmark, with what is being done, and for how long, on a stream of their own. */
export class Steps {
  readonly #out: Writable;
  readonly #interruption: AbortSignal;

  constructor(out: Writable, interruption: AbortSignal) {
    this.#out = out;
    this.#interruption = interruption;
  }

  /**
   * Runs to its end what starts something that has to be ended. None begins after an interruption,
   * and what fails then has failed because of it: Ctrl-C reaches the programs of a terminal, too.
   */
  async start<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#interrupted()) throw new Interrupted();
    try {
      return await this.#shown(what, work);
    } catch (error) {
      throw this.#interrupted() ? new Interrupted() : error;
    }
  }

  /** Waits for a result; an interruption ends the waiting at once. */
  async wait<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.start(what, async () => {
      let interrupt = () => undefined as unknown;
      const interrupted = new Promise<never>((_, reject) => {
        interrupt = () => reject(new Interrupted());
      });
      this.#interruption.addEventListener("abort", interrupt);
      try {
        return await Promise.race([work(), interrupted]);
      } finally {
        this.#interruption.removeEventListener("abort", interrupt);
      }
    });
  }

  /** Ends what was started, whatever happened. */
  async end<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#shown(what, work);
  }

  #interrupted(): boolean {
    return this.#interruption.aborted;
  }

  async #shown<T>(what: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    const say = (text: string) => this.#out.write(`[bench] ${what} …${text}\n`);
    const elapsed = () => ` ${((Date.now() - started) / 1000).toFixed(0)}s`;
    say("");
    const timer = setInterval(() => say(elapsed()), SHOWN_EVERY_MS);
    try {
      const result = await work();
      say(` done in${elapsed()}`);
      return result;
    } finally {
      clearInterval(timer);
    }
  }
}
