// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { WallTimers } from "../src/wall-timers.js";

const LOOK_MS = 30;

describe("timers of the wall clock", () => {
  let set = 0;
  let timers: WallTimers;
  let rung: string[];
  const now = () => Date.now() + set;
  const ring = (name: string) => () => void rung.push(name);

  beforeEach(() => {
    set = 0;
    timers = new WallTimers(now, LOOK_MS);
    rung = [];
  });

  async function rings(times: number): Promise<void> {
    while (rung.length < times) await sleep(1);
  }

  it("ring when it is time, in order, and not when they were cancelled", async () => {
    const start = now();
    const cancels = [
      timers.at(start + 40, ring("second")),
      timers.at(start + 10, ring("first")),
      timers.at(start + 20, ring("cancelled")),
      timers.at(start + 3_600_000, ring("an hour later")),
    ];
    cancels[2]?.();
    await rings(2);
    cancels[3]?.();
    expect(rung).to.deep.equal(["first", "second"]);
  });

  it("ring soon after the machine slept past their time", async () => {
    const cancel = timers.at(now() + 7_200_000, ring("later"));
    timers.at(now() + 3_600_000, ring("slept over"));
    await sleep(2 * LOOK_MS);
    expect(rung).to.deep.equal([]);
    set = 3_601_000;
    await rings(1);
    cancel();
    expect(rung).to.deep.equal(["slept over"]);
  });

  it("wait longer when the clock is set back", async () => {
    const cancel = timers.at(now() + 2 * LOOK_MS, ring("early"));
    set = -3_600_000;
    await sleep(5 * LOOK_MS);
    cancel();
    expect(rung).to.deep.equal([]);
  });

  it("ring at once for what is over", async () => {
    timers.at(now() - 1_000, ring("over"));
    expect(rung).to.deep.equal([]);
    await rings(1);
    expect(rung).to.deep.equal(["over"]);
  });
});
