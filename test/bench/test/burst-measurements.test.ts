// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { measurementsOf, type Comparison } from "../burst/measurements.js";
import { parseOutcome } from "../burst/outcome.js";
import { table } from "../measurement.js";

const COMPARISON: Comparison = {
  before: parseOutcome("served 40"),
  atOnce: parseOutcome(
    "served 45\nunfinished 2\nunbegun 3\nfailed connect ETIMEDOUT 50\nbegun 1.5\nlast 8\nsecond 7 45",
  ),
  after: parseOutcome("served 50"),
  counted: new Map([["web", new Map([["refused-limit", 49]])]]),
};

describe("the measurements of a burst", () => {
  it("compare with the better of both times, then say what happened", () => {
    const lines = table(measurementsOf("handshakes", 100, COMPARISON)).split("\n");
    expect(lines.map((line) => line.replaceAll(/ +/g, " "))).to.deep.equal([
      "handshakes.burst_served 0.9 ratio",
      "handshakes.in_turn_before 40 connections",
      "handshakes.in_turn_after 50 connections",
      "handshakes.burst_served_connections 45 connections",
      "handshakes.burst_unfinished 2 connections",
      "handshakes.burst_unbegun 3 connections",
      "handshakes.burst_failed.connect.ETIMEDOUT 50 connections",
      "handshakes.burst_begun 1.5 seconds",
      "handshakes.burst_last_served 8 seconds",
      "handshakes.burst_served_in_second.7 45 connections",
      "handshakes.burst_counted.web.refused-limit 49 events",
      "",
    ]);
  });

  it("compare with all where one after the other is faster than that", () => {
    const [first] = measurementsOf("handshakes", 45, COMPARISON);
    expect(first).to.deep.equal({ measure: "handshakes.burst_served", value: 1, unit: "ratio" });
  });
});
