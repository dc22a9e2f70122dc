// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { coarseDuration, isoTime, readableBytes, readableTime } from "../src/quantities.js";

describe("quantities", () => {
  const now = new Date("2026-11-22T04:00:00Z");
  const at = (offset: number) => BigInt(now.getTime() / 1000 + offset);

  it("are times with their distance from now", () => {
    expect(readableTime(at(90), now)).to.equal("2026-11-22 04:01:30Z (in 1m30s)");
    expect(readableTime(at(-7), now)).to.equal("2026-11-22 03:59:53Z (7s ago)");
    expect(readableTime("0", now)).to.equal("never");
    expect(isoTime("0")).to.equal(null);
  });

  it("are durations in two units", () => {
    expect(coarseDuration(0)).to.equal("0s");
    expect(coarseDuration(59)).to.equal("59s");
    expect(coarseDuration(90_061)).to.equal("1d1h");
  });

  it("are bytes", () => {
    expect(readableBytes(0n)).to.equal("0 B");
    expect(readableBytes(1023n)).to.equal("1023 B");
    expect(readableBytes(1536n)).to.equal("1.5 KiB");
    expect(readableBytes(100n << 20n)).to.equal("100.0 MiB");
  });
});
