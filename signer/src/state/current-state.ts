// SPDX-License-Identifier: Apache-2.0

import { seconds, type Clock } from "@signet/runtime/clock.js";
import type { Database, Query } from "../store/database.js";
import { listDocuments } from "../store/documents.js";
import { listEntries } from "../store/entries.js";
import { currentRevision, raiseRevision, type Revision } from "../store/revision.js";
import { liftedControlBans, revocationsInForce } from "../store/revocations.js";
import { policyOf, stateOf, type Policy, type State } from "./state.js";

/** What a transaction did: its result, and what of the state it changed, if anything. */
export interface Changed<T> {
  readonly result: T;
  readonly changed: "policy" | "revocations" | "nothing";
}

/** A result, and the revision that held when it did. */
export interface AtRevision<T> {
  readonly result: T;
  readonly revision: Revision;
}

/**
 * The state that holds, in memory. Changes go through here one after another: transaction, then
 * the new state, then the listeners, before the next change begins. So nobody sees revisions out of
 * order, and a listener runs right after the commit.
 */
export class CurrentState {
  readonly #db: Database;
  readonly #trustDomain: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<(state: State) => void>();
  #state: State;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(db: Database, trustDomain: string, clock: Clock, state: State) {
    this.#db = db;
    this.#trustDomain = trustDomain;
    this.#clock = clock;
    this.#state = state;
  }

  /** Reads the state from the database. */
  static async load(db: Database, trustDomain: string, clock: Clock): Promise<CurrentState> {
    const revision = await currentRevision(db);
    const policy = await readPolicy(db, trustDomain);
    const state = await readState(db, revision, policy, seconds(clock));
    return new CurrentState(db, trustDomain, clock, state);
  }

  get value(): State {
    return this.#state;
  }

  /** Calls a listener with each new state, at once after its commit. */
  listen(listener: (state: State) => void): void {
    this.#listeners.add(listener);
  }

  /** Runs a transaction that may change the state. @throws SignetError */
  change<T>(work: (trx: Query) => Promise<Changed<T>>): Promise<AtRevision<T>> {
    const next = this.#last.then(() => this.#change(work));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #change<T>(work: (trx: Query) => Promise<Changed<T>>): Promise<AtRevision<T>> {
    const { result, state } = await this.#db.transaction().execute(async (trx) => {
      const done = await work(trx);
      return { result: done.result, state: await this.#next(trx, done.changed) };
    });
    if (state !== undefined) {
      this.#state = state;
      for (const listener of this.#listeners) listener(state);
    }
    return { result, revision: this.#state };
  }

  async #next(trx: Query, changed: Changed<unknown>["changed"]): Promise<State | undefined> {
    if (changed === "nothing") return undefined;
    const revision = await raiseRevision(trx);
    const same = changed !== "policy";
    const policy = same ? this.#state.policy : await readPolicy(trx, this.#trustDomain);
    return readState(trx, revision, policy, seconds(this.#clock));
  }
}

async function readPolicy(db: Query, trustDomain: string): Promise<Policy> {
  return policyOf(trustDomain, await listDocuments(db), await listEntries(db));
}

async function readState(db: Query, revision: Revision, policy: Policy, now: number) {
  const revocations = await revocationsInForce(db, now);
  return stateOf(revision, policy, revocations, await liftedControlBans(db));
}
