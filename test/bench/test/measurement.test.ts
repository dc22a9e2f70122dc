// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { jsonLines, ratio, table, type Measurement } from "../measurement.js";

const MEASUREMENTS: readonly Measurement[] = [
  { measure: "handshakes.burst_served", value: 0.95678, unit: "ratio" },
  { measure: "handshakes.in_turn", value: 1234, unit: "connections" },
];

describe("measurements", () => {
  it("are one JSON object a line, to three decimals", () => {
    expect(jsonLines(MEASUREMENTS)).to.equal(
      '{"measure":"handshakes.burst_served","value":0.957,"unit":"ratio"}\n' +
        '{"measure":"handshakes.in_turn","value":1234,"unit":"connections"}\n',
    );
  });

  it("are a table with a line each", () => {
    expect(table(MEASUREMENTS)).to.equal(
      "handshakes.burst_served  0.957  ratio\n" + "handshakes.in_turn        1234  connections\n",
    );
  });

  it("are nothing when there is none", () => {
    expect(jsonLines([])).to.equal("");
    expect(table([])).to.equal("");
  });
});

describe("a ratio", () => {
  it("divides by the other figure", () => {
    expect(ratio("a.b", 45, 50)).to.deep.equal({ measure: "a.b", value: 0.9, unit: "ratio" });
  });

  it("is none when the other figure is nothing", () => {
    expect(() => ratio("a.b", 45, 0)).to.throw("a.b: what it is compared with is 0");
  });
});
