// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../src/duration.js";

describe("duration", () => {
  it("is read from whole numbers with units", () => {
    expect(parseDuration("20s")).to.equal(20);
    expect(parseDuration("1h")).to.equal(3600);
    expect(parseDuration("1h30m")).to.equal(5400);
    expect(parseDuration("2d1s")).to.equal(172_801);
  });

  it("is refused in every other form", () => {
    for (const text of ["", "0s", "20", "s", "1.5h", "-1h", "1m1h", "1h1h", " 1h", "1h\n", "1H"]) {
      expect(parseDuration(text), JSON.stringify(text)).to.equal(undefined);
    }
  });

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).to.equal(seconds);
      }),
    );
  });

  it("writes nothing as 0s", () => {
    expect(formatDuration(0)).to.equal("0s");
  });
});
