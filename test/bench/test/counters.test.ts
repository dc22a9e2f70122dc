// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { counted, parseCounters } from "../burst/counters.js";

describe("a node's counters", () => {
  it("are read line by line", () => {
    expect(parseCounters("handshake-started 7\nrefused-limit 0\n")).to.deep.equal(
      new Map([
        ["handshake-started", 7],
        ["refused-limit", 0],
      ]),
    );
  });

  for (const line of ["", "handshake-started", "handshake-started seven", "a b 7"]) {
    it(`are nothing else: "${line}"`, () => {
      expect(() => parseCounters(line)).to.throw(`no counter: "${line}"`);
    });
  }

  it("show what was counted between two looks", () => {
    const before = parseCounters("handshake-started 7\nrefused-limit 1\nclosed 2\n");
    const after = parseCounters("handshake-started 9\nrefused-limit 1\nclosed 2\nended 3\n");
    expect(counted(before, after)).to.deep.equal(
      new Map([
        ["handshake-started", 2],
        ["ended", 3],
      ]),
    );
  });
});
