// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";

/** Bounds of a queue. */
export interface FairQueueLimits {
  /** How many run at a time, in all. */
  readonly running: number;
  /** How many for one key; default: all. */
  readonly runningPerKey?: number;
  readonly waiting: number;
}

/** What is to be done for a key. An object of its own, as it is taken out by what it is. */
interface Turn<Key> {
  readonly key: Key;
  readonly work: () => Promise<void>;
}

interface Lane<Key> {
  /** In the order in which they came; a set, as any of them may leave. */
  readonly waiting: Set<Turn<Key>>;
  running: number;
}

/**
 * Runs work a little at a time, for each key (a user, a node) in turn: who has much to do waits for
 * himself, and who has little for one turn of the others. What is of one key runs in the order in
 * which it came.
 */
export class FairQueue<Key> {
  readonly #limits: Required<FairQueueLimits>;
  readonly #lanes = new Map<Key, Lane<Key>>();
  /** Those that may run something more, whose turn is next first. */
  readonly #ready = new Set<Key>();
  #running = 0;
  #waiting = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = { runningPerKey: limits.running, ...limits };
  }

  /**
   * @param work Must not reject.
   * @returns false when too much waits already.
   */
  push(key: Key, work: () => Promise<void>): boolean {
    return this.#add({ key, work });
  }

  /**
   * Does something in its turn, and hands on what comes of it. What still waits when the signal
   * aborts is never begun; what was begun is its own to end.
   * @throws SignetError LIMIT_REACHED when too much waits already; the signal's reason
   */
  run<T>(key: Key, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener("abort", leave);
        return work().then(resolve, reject);
      };
      const turn = { key, work: begin };
      const leave = () => {
        this.#remove(turn);
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener("abort", leave, { once: true });
      if (this.#add(turn)) return;
      signal.removeEventListener("abort", leave);
      const message = `More than ${String(this.#limits.waiting)} wait for their turn.`;
      reject(new SignetError("LIMIT_REACHED", message));
    });
  }

  #add(turn: Turn<Key>): boolean {
    if (this.#waiting >= this.#limits.waiting) return false;
    const { key } = turn;
    const lane = this.#lanes.get(key) ?? { waiting: new Set(), running: 0 };
    this.#lanes.set(key, lane);
    lane.waiting.add(turn);
    this.#waiting += 1;
    this.#update(key, lane);
    this.#start();
    return true;
  }

  #remove(turn: Turn<Key>): void {
    const lane = this.#lanes.get(turn.key);
    if (lane?.waiting.delete(turn) !== true) return;
    this.#waiting -= 1;
    this.#update(turn.key, lane);
  }

  #start(): void {
    while (this.#running < this.#limits.running) {
      const [key] = this.#ready;
      const lane = key === undefined ? undefined : this.#lanes.get(key);
      const [turn] = lane?.waiting ?? [];
      if (key === undefined || lane === undefined || turn === undefined) return;
      lane.waiting.delete(turn);
      this.#waiting -= 1;
      this.#count(key, lane, 1);
      void turn.work().finally(() => {
        this.#count(key, lane, -1);
        this.#start();
      });
    }
  }

  #count(key: Key, lane: Lane<Key>, change: 1 | -1): void {
    this.#running += change;
    lane.running += change;
    if (change === 1) this.#ready.delete(key); // Behind all others, if it comes again.
    this.#update(key, lane);
  }

  #update(key: Key, lane: Lane<Key>): void {
    const ready = lane.waiting.size > 0 && lane.running < this.#limits.runningPerKey;
    if (ready) this.#ready.add(key);
    else this.#ready.delete(key);
    if (lane.waiting.size === 0 && lane.running === 0) this.#lanes.delete(key);
  }
}
