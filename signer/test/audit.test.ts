// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { Audit } from "../src/audit.js";

describe("the audit log", () => {
  it("has a bounded number of lines that strangers cause, and says how many are missing", () => {
    let now = 0;
    const lines: Record<string, unknown>[] = [];
    const sink = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>);
    const audit = new Audit(sink, { ...systemClock, now: () => now });
    const refused = new SignetError("TOKEN_INVALID");
    for (let i = 0; i < 1_000; i += 1) audit.turnedAway("node.attest", { peer: "p" }, refused);
    expect(lines).to.have.length(60);
    audit.alarm("token.reused", { node: "n" }); // Not hidden by the others.
    expect(lines).to.have.length(61);
    now = 60_000;
    audit.turnedAway("node.attest", { peer: "p" }, refused);
    expect(lines[61]).to.include({ code: "TOKEN_INVALID", unrecorded: 940 });
  });
});
