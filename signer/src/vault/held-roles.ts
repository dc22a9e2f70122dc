// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import { Backoff } from "@signet/runtime/backoff.js";
import type { Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";

/** Which role of Vault is asked, and for how long a lifetime, in seconds. */
export interface AskedRole {
  readonly mount: string;
  readonly role: string;
  readonly ttl: number;
}

interface Hold extends AskedRole {
  readonly backoff: Backoff;
  error: SignetError;
  /** Milliseconds that no one sets: it may be the clock that was wrong. */
  until: number;
  isTried: boolean;
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Roles whose certificates had to be discarded: what they would sign next would be discarded, too,
 * and each is an entry of a CRL. They are held, for lifetimes from the one that failed on: asked
 * again, once, after a pause that grows, or when an operator says so.
 */
export class HeldRoles {
  readonly #clock: Pick<Clock, "random">;
  readonly #log: Log;
  readonly #now: () => number;
  #holds: readonly Hold[] = [];

  /** @param now milliseconds that no one sets */
  constructor(clock: Pick<Clock, "random">, log: Log, now = () => performance.now()) {
    this.#clock = clock;
    this.#log = log;
    this.#now = now;
  }

  /**
   * Has a role sign, and what it signed checked.
   * @throws SignetError VAULT_BAD_CERTIFICATE without asking while it is held; else what `work` fails with
   */
  async run<T>(asked: AskedRole, work: () => Promise<T>): Promise<T> {
    const holds = this.#holds.filter((hold) => isSame(hold, asked) && hold.ttl <= asked.ttl);
    const now = this.#now();
    const shut = holds.find(({ isTried, until }) => isTried || now < until);
    if (shut !== undefined) throw shut.error;
    for (const hold of holds) hold.isTried = true;
    try {
      const done = await work();
      if (holds.length > 0) this.#free(holds, asked);
      return done;
    } catch (error) {
      const fault = SignetError.from(error);
      if (fault.code === "VAULT_BAD_CERTIFICATE") this.#hold(asked, fault);
      throw error;
    } finally {
      for (const hold of holds) hold.isTried = false;
    }
  }

  /** Lets each be asked again at once. */
  tryAgain(): void {
    for (const hold of this.#holds) hold.until = -Infinity;
  }

  #hold({ mount, role, ttl }: AskedRole, error: SignetError): void {
    let hold = this.#holds.find((one) => isSame(one, { mount, role, ttl }) && one.ttl === ttl);
    if (hold === undefined) {
      const backoff = new Backoff(this.#clock, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      hold = { mount, role, ttl, backoff, error, until: -Infinity, isTried: false };
      this.#holds = [...this.#holds, hold];
    } else if (this.#now() < hold.until) return; // Was asked before it was held.
    hold.error = error;
    const pause = hold.backoff.next();
    hold.until = this.#now() + pause;
    this.#log.error({ err: error, mount, role, ttl, pause }, "the role is not asked for a while");
  }

  #free(holds: readonly Hold[], { mount, role, ttl }: AskedRole): void {
    this.#holds = this.#holds.filter((one) => !holds.includes(one));
    this.#log.info({ mount, role, ttl }, "the role signs again what it is asked");
  }
}

function isSame(one: AskedRole, other: AskedRole): boolean {
  return one.mount === other.mount && one.role === other.role;
}
