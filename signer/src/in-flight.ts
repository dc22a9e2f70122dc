// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";

/**
 * Bounds what is under way, in all and for each node, or whoever else asks: nobody has more than is
 * left for others. So a few that want all they may have leave room for who wants little.
 */
export class InFlight {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #what: string;
  readonly #who: string;
  readonly #ofEach = new Map<string, number>();
  #all = 0;

  /**
   * @param what is under way, for messages
   * @param who asks for it, for messages
   */
  constructor(most: number, mostOfOne: number, what = "signatures", who = "node") {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
    this.#what = what;
    this.#who = who;
  }

  /** Does `count` things for someone. @throws SignetError LIMIT_REACHED */
  async run<T>(who: string, count: number, work: () => Promise<T>): Promise<T> {
    const left = this.#most - this.#all;
    const ofOne = (this.#ofEach.get(who) ?? 0) + count;
    if (ofOne > this.#mostOfOne) throw this.#limit(this.#mostOfOne, `for this ${this.#who}`);
    if (ofOne > left) {
      throw this.#limit(this.#most, `in all, and of a ${this.#who} no more than are left`);
    }
    this.#add(who, count);
    try {
      return await work();
    } finally {
      this.#add(who, -count);
    }
  }

  #limit(most: number, whose: string): SignetError {
    const message = `At most ${most} ${this.#what} may be under way ${whose}.`;
    return new SignetError("LIMIT_REACHED", message);
  }

  #add(who: string, count: number): void {
    this.#all += count;
    const ofOne = (this.#ofEach.get(who) ?? 0) + count;
    if (ofOne === 0) this.#ofEach.delete(who);
    else this.#ofEach.set(who, ofOne);
  }
}
