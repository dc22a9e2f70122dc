// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { FairQueue } from "../src/fair-queue.js";
import { History, STEPS } from "./fair-queue-history.js";
import { settle } from "./manual-clock.js";

const NEVER = new AbortController().signal;
const forever = () => new Promise<void>(() => undefined);

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

describe("the fair queue", () => {
  it("leaves turns to others when one user has much to do", async () => {
    const queue = new FairQueue({ running: 3, runningPerKey: 2, waiting: 10 });
    const started: string[] = [];
    const finish: (() => void)[] = [];
    const push = (uid: number, name: string) =>
      queue.push(uid, () => {
        started.push(name);
        return new Promise((resolve) => finish.push(resolve));
      });
    for (const name of ["a1", "a2", "a3", "a4"]) push(1, name);
    push(2, "b1");
    push(2, "b2");
    expect(started).to.deep.equal(["a1", "a2", "b1"]);
    finish[2]?.();
    await settle();
    expect(started.at(-1)).to.equal("b2");
    finish[0]?.();
    await settle();
    expect(started.at(-1)).to.equal("a3");
  });

  it("refuses more than it can hold", () => {
    const queue = new FairQueue({ running: 1, runningPerKey: 1, waiting: 1 });
    expect([1, 2, 3].map((uid) => queue.push(uid, forever))).to.deep.equal([true, true, false]);
  });

  it("hands on what the work comes to, and says when too much waits", async () => {
    const queue = new FairQueue<string>({ running: 1, waiting: 1 });
    const failing = queue.run("a", () => Promise.reject(new Error("no")), NEVER);
    const waits = queue.run("a", () => Promise.resolve(7), NEVER);
    const full = await queue.run("b", () => Promise.resolve(), NEVER).catch(codeOf);
    expect(full).to.equal("LIMIT_REACHED");
    expect(await failing.catch((error: unknown) => error)).to.have.property("message", "no");
    expect(await waits).to.equal(7);
  });

  it("makes room when what waits is given up, and says why it was", async () => {
    const queue = new FairQueue<string>({ running: 1, waiting: 1 });
    queue.push("a", forever);
    const gone = new AbortController();
    const why = new Error("nobody waits");
    const waits = queue.run("a", forever, gone.signal).catch((error: unknown) => error);
    expect(queue.push("b", forever)).to.equal(false);
    gone.abort(why);
    expect(await waits).to.equal(why);
    expect(await queue.run("b", forever, gone.signal).catch((error: unknown) => error)).to.equal(
      why,
    );
    expect(queue.push("b", forever)).to.equal(true);
  });

  it("lets what was begun end by itself", async () => {
    const queue = new FairQueue<string>({ running: 1, waiting: 1 });
    const gone = new AbortController();
    let finish: (value: number) => void = () => undefined;
    const work = () => new Promise<number>((resolve) => (finish = resolve));
    const begun = queue.run("a", work, gone.signal);
    gone.abort(new Error("nobody waits"));
    finish(7);
    expect(await begun).to.equal(7);
  });

  it("gives each key its turn and keeps its order, whatever comes, goes and ends when", async () => {
    const few = fc.integer({ min: 1, max: 4 });
    const step = fc.record({ what: fc.constantFrom(...STEPS), which: fc.nat(100) });
    const property = fc.asyncProperty(
      few,
      few,
      fc.array(step, { maxLength: 60 }),
      async (running, runningPerKey, steps) => {
        const history = new History({ running, runningPerKey, waiting: steps.length });
        for (const { what, which } of steps) await history[what](which);
        await history.finish();
      },
    );
    await fc.assert(property);
  });
});
