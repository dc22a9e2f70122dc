// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { FairQueue } from "../../src/identification/fair-queue.js";
import { settle } from "../../../runtime/test/manual-clock.js";

describe("the fair queue", () => {
  it("leaves turns to others when one user has much to do", async () => {
    const queue = new FairQueue({ running: 3, runningPerUid: 2, waiting: 10 });
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
    const queue = new FairQueue({ running: 1, runningPerUid: 1, waiting: 1 });
    const forever = () => new Promise<void>(() => undefined);
    expect([1, 2, 3].map((uid) => queue.push(uid, forever))).to.deep.equal([true, true, false]);
  });
});
