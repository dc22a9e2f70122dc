// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { parseSpec } from "../src/spec.js";

const base = `
name: x
definitions: [{type: const, name: limit, value: 4}]
attribute-sets:
  - name: set
    attributes:
      - ATTRIBUTE
operations:
  list:
    - {name: get, attribute-set: set, do: {request: {attributes: [REQUESTED]}}}
mcast-groups: {list: []}
`;

function spec(attribute: string, requested = "a"): string {
  return base.replace("ATTRIBUTE", attribute).replace("REQUESTED", requested);
}

describe("a netlink spec", () => {
  it("is read", () => {
    expect(parseSpec(spec("{name: a, type: string, checks: {max-len: limit}}")).name).to.equal("x");
  });
  it("is refused when a limit names no constant", () => {
    expect(() => parseSpec(spec("{name: a, type: string, checks: {max-len: other}}"))).to.throw(
      "constant other is not defined",
    );
  });
  it("is refused when an operation asks for an attribute that its set lacks", () => {
    expect(() => parseSpec(spec("{name: a, type: u8}", "b"))).to.throw("get: b is not in set");
  });
  it("is refused when a type, an enum or a nested set is not known", () => {
    expect(() => parseSpec(spec("{name: a, type: u7}"))).to.throw("type u7 is not known");
    expect(() => parseSpec(spec("{name: a, type: u8, enum: e}"))).to.throw("enum e is not defined");
    expect(() => parseSpec(spec("{name: a, type: nest}"))).to.throw("must name an attribute set");
  });
});
