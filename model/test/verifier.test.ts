// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { verdictOf } from "./verifier.js";

const WHOLE = `pan: ltl formula safe

Full statespace search for:
	never claim         	+ (safe)
	acceptance   cycles 	+ (fairness disabled)

State-vector 88 byte, depth reached 180, errors: 0
unreached in proctype Agent
	signing.pml:102, state 48, "(1)"
	signing.pml:102, state 49, "-end-"
	(2 of 49 states)
unreached in claim safe
	_spin_nvr.tmp:42, state 6, "-end-"
	(1 of 6 states)
`;

describe("what a verifier says", () => {
  it("is that a claim holds when the search was whole", () => {
    const { holds, broken, unreached } = verdictOf("safe", WHOLE);
    expect({ holds, broken }).to.deep.equal({ holds: true, broken: false });
    expect(unreached).to.deep.equal(['proctype Agent: signing.pml:102, state 48, "(1)"']);
  });

  it("is nothing when the search was cut off, kept hashes alone, or was for another claim", () => {
    const others = [
      `error: max search depth too small\n${WHOLE}`,
      `Warning: Search not completed\n${WHOLE}`,
      WHOLE.replace("Full statespace search", "Bit statespace search"),
      WHOLE.replace("+ (safe)", "+ (live)"),
      WHOLE.replace("errors: 0", "errors: 1"),
    ];
    for (const output of others) expect(verdictOf("safe", output).holds, output).to.be.false;
  });

  it("is that a claim is broken when a run breaks it, and not something else", () => {
    const found = (what: string) => verdictOf("safe", `pan:1: ${what}\n${WHOLE}`).broken;
    expect(found("assertion violated  !( !(safe))) (at depth 34)")).to.be.true;
    expect(found("acceptance cycle (at depth 63)")).to.be.true;
    expect(found("invalid end state (at depth 3)")).to.be.false;
    expect(found("indexing log_tag[8] - size is 8")).to.be.false;
  });
});
