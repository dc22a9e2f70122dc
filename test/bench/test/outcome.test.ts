// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { parseOutcome } from "../burst/outcome.js";

describe("what the burst's client prints", () => {
  it("is read line by line", () => {
    const output = [
      "served 12",
      "failed connect ETIMEDOUT 3",
      "failed answer EOF 1",
      "unfinished 4",
      "unbegun 2",
      "begun 0.125",
      "last 9.500",
      "second 0 5",
      "second 9 7",
    ];
    expect(parseOutcome(`${output.join("\n")}\n`)).to.deep.equal({
      served: 12,
      unfinished: 4,
      unbegun: 2,
      failed: new Map([
        ["connect ETIMEDOUT", 3],
        ["answer EOF", 1],
      ]),
      begun: 0.125,
      last: 9.5,
      answers: new Map([
        [0, 5],
        [9, 7],
      ]),
    });
  });

  it("leaves out what is zero", () => {
    const { failed, last, unfinished } = parseOutcome("served 0\nbegun 0.001\n");
    expect({ failed, last, unfinished }).to.deep.equal({
      failed: new Map(),
      last: 0,
      unfinished: 0,
    });
  });

  for (const line of ["", "served", "served 1 2", "failed connect 3", "calloc: no memory"]) {
    it(`is nothing else: "${line}"`, () => {
      expect(() => parseOutcome(line)).to.throw(`burst_client printed "${line}"`);
    });
  }
});
