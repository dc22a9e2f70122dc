// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { Benchmark } from "../benchmark.js";
import { helpText, parseCommandLine, UsageError } from "../command-line.js";

const first: Benchmark<"count"> = {
  name: "first",
  summary: "what the first is for",
  parameters: { count: { what: "how many", usual: 50, most: 100 } },
  examples: ["first --count 7"],
  run: () => Promise.resolve([]),
};
const second: Benchmark = { ...first, name: "second", parameters: {} };

function parse(line: string) {
  return parseCommandLine(line === "" ? [] : line.split(" "), [first, second]);
}

describe("the command line of the benchmarks", () => {
  it("names a benchmark, which runs with its usual values", () => {
    expect(parse("first")).to.deep.equal({
      kind: "run",
      benchmark: first,
      values: { count: 50 },
      json: false,
    });
  });

  it("sets values and asks for JSON", () => {
    expect(parse("first --json --count 7"))
      .to.include({ json: true })
      .and.to.deep.include({
        values: { count: 7 },
      });
  });

  for (const line of ["--help", "first --help", "unknown --help"]) {
    it(`asks for help: ${line}`, () => {
      expect(parse(line)).to.deep.equal({ kind: "help" });
    });
  }

  const refused = {
    "": "say which benchmark: first, second",
    third: 'no benchmark is called "third": choose from first, second',
    "--json": 'no benchmark is called "--json"',
    "first second": "second",
    "second --count 7": "--count",
    "first --count": "--count",
    "first --count 0": '--count is a whole number from 1 to 100, not "0"',
    "first --count 101": '--count is a whole number from 1 to 100, not "101"',
    "first --count 1e1": '--count is a whole number from 1 to 100, not "1e1"',
  };
  for (const [line, message] of Object.entries(refused)) {
    it(`is refused: "${line}"`, () => {
      expect(() => parse(line)).to.throw(UsageError, message);
    });
  }
});

describe("the help of the benchmarks", () => {
  it("lists each with its parameters and examples", () => {
    const help = helpText([first, second]);
    expect(help).to.match(/^ {2}first +what the first is for\n {4}--count N +how many \(50\)$/m);
    expect(help).to.match(/^ {2}second +what the first is for$/m);
    expect(help).to.match(/^ {2}npm run -s bench -- first --count 7$/m);
  });
});
