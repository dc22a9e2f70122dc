// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { FairQueue, type FairQueueLimits } from "../src/fair-queue.js";

interface Job {
  readonly key: number;
  readonly gone: AbortController;
  state: "waiting" | "running" | "given up" | "done";
  end: () => void;
}

const KEYS = [0, 1, 2];

/** What may happen to a queue: each is a method of History. Most often something comes. */
export const STEPS = ["come", "come", "give up", "end"] as const;

/** What happens to a queue. After each step it looks whether the queue does what it says. */
export class History {
  readonly #limits: Required<FairQueueLimits>;
  readonly #queue: FairQueue<number>;
  readonly #jobs: Job[] = [];
  /** For each key that would start something if there were room: whose turn it was since. */
  readonly #turnsOfOthers = new Map<number, number[]>();
  readonly #faults: string[] = [];

  constructor(limits: Required<FairQueueLimits>) {
    this.#limits = limits;
    this.#queue = new FairQueue<number>(limits);
  }

  async come(which: number): Promise<void> {
    const key = which % KEYS.length;
    const gone = new AbortController();
    const job: Job = { key, gone, state: "waiting", end: () => undefined };
    this.#jobs.push(job);
    this.#note();
    const work = () => {
      this.#begins(job);
      return new Promise<void>((resolve) => (job.end = resolve));
    };
    const expected = (error: unknown) => {
      if (error !== gone.signal.reason) this.#faults.push(`refused with ${String(error)}`);
    };
    void this.#queue.run(key, work, gone.signal).catch(expected);
    await this.#look();
  }

  async "give up"(which: number): Promise<void> {
    const job = pick(this.#in("waiting"), which);
    if (job === undefined) return;
    job.state = "given up";
    this.#note();
    job.gone.abort(new Error("nobody waits"));
    await this.#look();
  }

  async end(which: number): Promise<void> {
    const job = pick(this.#in("running"), which);
    if (job === undefined) return;
    job.state = "done";
    this.#note();
    job.end();
    await this.#look();
  }

  /** Ends what runs, and all that begins then: so nothing is left that was not given up. */
  async finish(): Promise<void> {
    while (this.#in("running").length > 0) await this.end(0);
    expect(this.#in("waiting"), "lost").to.deep.equal([]);
  }

  #begins(job: Job): void {
    const [first] = this.#in("waiting", job.key);
    if (job !== first)
      this.#faults.push("one that was given up, or not the first of its key, begins");
    this.#turnsOfOthers.delete(job.key);
    for (const turns of this.#turnsOfOthers.values()) {
      if (turns.includes(job.key)) this.#faults.push("two turns while another waits for one");
      turns.push(job.key);
    }
    job.state = "running";
    this.#note();
  }

  #note(): void {
    for (const key of KEYS) {
      const running = this.#in("running", key).length;
      const wouldBegin =
        this.#in("waiting", key).length > 0 && running < this.#limits.runningPerKey;
      if (!wouldBegin) this.#turnsOfOthers.delete(key);
      else if (!this.#turnsOfOthers.has(key)) this.#turnsOfOthers.set(key, []);
    }
  }

  async #look(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // What is ready runs.
    const { running, runningPerKey } = this.#limits;
    const most = Math.max(...KEYS.map((key) => this.#in("running", key).length));
    const room = running - this.#in("running").length;
    expect(this.#faults).to.deep.equal([]);
    expect(most, "running of one key").to.be.at.most(runningPerKey);
    expect(room, "room to run").to.be.at.least(0);
    const waiting = room > 0 ? [...this.#turnsOfOthers.keys()] : [];
    expect(waiting, "waiting though there is room").to.deep.equal([]);
  }

  #in(state: Job["state"], key?: number): Job[] {
    return this.#jobs.filter((job) => job.state === state && (key ?? job.key) === job.key);
  }
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % list.length];
}
