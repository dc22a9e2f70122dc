// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { Backoff } from "../src/backoff.js";

describe("a backoff", () => {
  it("doubles up to its limit, each delay at least half of its step", () => {
    const longest = new Backoff({ random: () => 1 }, 100, 1_000);
    const shortest = new Backoff({ random: () => 0 }, 100, 1_000);
    const delays = (of: Backoff) => Array.from({ length: 6 }, () => of.next());
    expect(delays(longest)).to.deep.equal([100, 200, 400, 800, 1_000, 1_000]);
    expect(delays(shortest)).to.deep.equal([50, 100, 200, 400, 500, 500]);
  });

  it("begins again when it is reset, and has its limit at any time", () => {
    const backoff = new Backoff({ random: () => 1 }, 100, 1_000);
    backoff.next();
    backoff.next();
    expect(backoff.largest()).to.equal(1_000);
    backoff.reset();
    expect(backoff.next()).to.equal(100);
  });
});
