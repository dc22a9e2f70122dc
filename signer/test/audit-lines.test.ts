// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { ManualClock } from "../../runtime/test/manual-clock.js";
import { AuditLines } from "../src/audit-lines.js";

describe("audit lines", () => {
  let clock: ManualClock;
  let full: boolean;
  let written: Record<string, unknown>[];
  let lines: AuditLines;

  beforeEach(() => {
    clock = new ManualClock(0);
    full = false;
    written = [];
    lines = new AuditLines((line) => {
      if (full) throw new Error("no room");
      written.push(JSON.parse(line) as Record<string, unknown>);
    }, clock);
  });

  const events = () => written.map(({ event }) => event);

  it("that are owed come before any other, with the time at which they were", async () => {
    full = true;
    lines.owe({ event: "first" });
    await clock.advance(1_000);
    lines.owe({ event: "second" });
    expect(() => lines.write({ event: "third" })).to.throw("no room");
    full = false;
    lines.write({ event: "fourth" });
    expect(events()).to.deep.equal(["first", "second", "fourth"]);
    expect(written[0]?.["time"]).to.equal(new Date(0).toISOString());
    expect(lines.close()).to.equal(0);
  });

  it("that are owed are written when there is room again, though nothing else is", async () => {
    full = true;
    lines.owe({ event: "first" });
    await clock.advance(60_000);
    expect(clock.due).to.have.length(1);
    full = false;
    await clock.advance(5_000);
    expect(events()).to.deep.equal(["first"]);
    expect(clock.due).to.deep.equal([]);
  });

  it("are counted, when too many are owed, and when nobody is owed them", () => {
    full = true;
    for (let i = 0; i < 5_000; i += 1) lines.owe({ event: "owed" });
    lines.tell({ event: "told" }, 3);
    full = false;
    lines.write({ event: "now" });
    expect(events().filter((event) => event === "owed")).to.have.length(4_096);
    expect(written.at(-2)).to.include({ event: "audit.unrecorded", unrecorded: 904 + 4 });
    expect(written.at(-1)).to.include({ event: "now" });
  });

  it("that come when it is closed are not tried", () => {
    full = true;
    lines.close();
    lines.owe({ event: "late" });
    expect(clock.due).to.deep.equal([]);
  });

  it("that were never written are said to be, and not tried any more", () => {
    full = true;
    lines.owe({ event: "owed" });
    lines.tell({ event: "told" }, 0);
    expect(lines.close()).to.equal(2);
    expect(clock.due).to.deep.equal([]);
  });
});
