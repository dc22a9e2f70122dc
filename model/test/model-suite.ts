// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { Verifier } from "./verifier.js";

/** Numbers that a model's #defines take. */
export type Settings = Readonly<Record<string, number>>;

/** How a rule is broken, and what comes of it. */
export interface Breach {
  /** The claim that fails. */
  readonly claim: string;
  readonly settings?: Settings;
}

/** A model, and how it is checked. */
export interface Model {
  /** Of the .pml file. */
  readonly name: string;
  /** Every claim must hold with each of these; together they must reach every statement. */
  readonly settings: Readonly<Record<string, Settings>>;
  /** By the macro that breaks the rule. */
  readonly breaches: Readonly<Record<string, Breach>>;
}

const MINUTES = 60_000;

/** Defines the tests of a model: it holds, breaks when a rule is broken, and names code that is there. */
export function describeModel({ name, settings, breaches }: Model): void {
  const path = join(repositoryRoot, "model", `${name}.pml`);
  const text = readFileSync(path, "utf8");
  const claims = matches(text, /^ltl (\w+)/gm);

  describe(`the model of ${name}`, function () {
    this.timeout(5 * MINUTES);
    const unreached: Set<string>[] = [];

    it("names code that is there", () => {
      const named = [...text.matchAll(/^ \* {3}(\S+): (.+)$/gm)];
      expect(named.length).to.be.above(0);
      for (const [, file = "", names = ""] of named) {
        const code = join(repositoryRoot, file);
        expect(existsSync(code), file).to.equal(true);
        const source = readFileSync(code, "utf8");
        for (const one of names.split(", ")) expect(source, file).to.include(one);
      }
    });

    it("has each of its rules broken, and each of its claims fail", () => {
      expect(Object.keys(breaches)).to.have.members(matches(text, /\b(BREAK_\w*[A-Z])\b/g));
      expect([...new Set(Object.values(breaches).map(({ claim }) => claim))]).to.have.members(
        claims,
      );
    });

    for (const [when, values] of Object.entries(settings)) {
      describe(when, () => {
        let verifier: Verifier;

        before(async () => {
          verifier = await Verifier.build(path, definesOf(values), "whole");
        });

        after(() => {
          verifier.remove();
        });

        for (const claim of claims) {
          it(`holds: ${claim}`, async () => {
            const verdict = await verifier.check(claim);
            expect(verdict.holds, verdict.output).to.equal(true);
            unreached.push(new Set(verdict.unreached));
          });
        }
      });
    }

    // Mocha runs the tests of a suite before the suites in it.
    describe("taken together", () => {
      it("reaches each of its statements", () => {
        expect(unreached).to.have.length(claims.length * Object.keys(settings).length);
        const [first = new Set<string>(), ...others] = unreached;
        const never = [...first].filter((one) => others.every((other) => other.has(one)));
        expect(never).to.deep.equal([]);
      });
    });

    describe("without one of its rules", () => {
      for (const [rule, { claim, settings: values = {} }] of Object.entries(breaches)) {
        it(`fails with ${rule}: ${claim}`, async () => {
          const verifier = await Verifier.build(path, [...definesOf(values), rule], "short");
          try {
            const verdict = await verifier.check(claim);
            expect(verdict.broken, verdict.output).to.equal(true);
          } finally {
            verifier.remove();
          }
        });
      }
    });
  });
}

function definesOf(settings: Settings): readonly string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found = ""]) => found))];
}
