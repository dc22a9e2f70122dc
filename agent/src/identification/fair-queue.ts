// SPDX-License-Identifier: Apache-2.0

/** Bounds of a queue. */
export interface FairQueueLimits {
  /** How many run at a time, in all and for one user. */
  readonly running: number;
  readonly runningPerUid: number;
  readonly waiting: number;
}

interface Turn {
  readonly uid: number;
  readonly work: () => Promise<void>;
}

/** Runs work in the order in which it came, a little at a time, and never all for one user. */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #waiting: Turn[] = [];
  readonly #runningOf = new Map<number, number>();
  #running = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /**
   * @param work Must not reject.
   * @returns false when too much waits already.
   */
  push(uid: number, work: () => Promise<void>): boolean {
    if (this.#waiting.length >= this.#limits.waiting) return false;
    this.#waiting.push({ uid, work });
    this.#start();
    return true;
  }

  #start(): void {
    while (this.#running < this.#limits.running) {
      const next = this.#waiting.findIndex(({ uid }) => this.#hasTurn(uid));
      const [turn] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (turn === undefined) return;
      this.#count(turn.uid, 1);
      void turn.work().finally(() => {
        this.#count(turn.uid, -1);
        this.#start();
      });
    }
  }

  #hasTurn(uid: number): boolean {
    return (this.#runningOf.get(uid) ?? 0) < this.#limits.runningPerUid;
  }

  #count(uid: number, change: 1 | -1): void {
    this.#running += change;
    const running = (this.#runningOf.get(uid) ?? 0) + change;
    if (running === 0) this.#runningOf.delete(uid);
    else this.#runningOf.set(uid, running);
  }
}
