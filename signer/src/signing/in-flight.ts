// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";

/** Most requests of one call. */
export const MAX_REQUESTS = 64;

/** Bounds what is under way, in all and for each node. */
export class InFlight {
  readonly #most: number;
  readonly #mostPerNode: number;
  readonly #byNode = new Map<string, number>();
  #all = 0;

  constructor(most: number, mostPerNode: number) {
    this.#most = most;
    this.#mostPerNode = mostPerNode;
  }

  /** Does `count` things for a node. @throws SignetError LIMIT_REACHED */
  async run<T>(node: string, count: number, work: () => Promise<T>): Promise<T> {
    const ofNode = (this.#byNode.get(node) ?? 0) + count;
    if (ofNode > this.#mostPerNode) {
      throw new SignetError(
        "LIMIT_REACHED",
        `This node has ${this.#mostPerNode} signatures under way, the most that it may have.`,
      );
    }
    if (this.#all + count > this.#most) {
      throw new SignetError(
        "LIMIT_REACHED",
        `${this.#most} signatures are under way, the most that there may be.`,
      );
    }
    this.#add(node, count);
    try {
      return await work();
    } finally {
      this.#add(node, -count);
    }
  }

  #add(node: string, count: number): void {
    this.#all += count;
    const ofNode = (this.#byNode.get(node) ?? 0) + count;
    if (ofNode === 0) this.#byNode.delete(node);
    else this.#byNode.set(node, ofNode);
  }
}
