// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { spiffeVectorLines, type SpiffeIdVector } from "../generate/spiffe-vectors.js";
import {
  isPathSegment,
  isReserved,
  isSpiffeId,
  isTrustDomain,
  parseSpiffeId,
  pathOf,
  spiffeIdFault,
  spiffeIdOf,
  trustDomainOf,
} from "../src/spiffe-id.js";
import { SignetError } from "../src/signet-error.js";

const read = (name: string) => readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8");
const vectors = JSON.parse(read("spiffe-ids.json")) as SpiffeIdVector[];

const DOMAIN = "abcdefghijklmnopqrstuvwxyz0123456789._-";
const PATH = `${DOMAIN}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const text = (letters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...letters.split(/(?=.)/)), minLength: 1, maxLength });
const segment = text(PATH, 20).filter((value) => value !== "." && value !== "..");
const domain = text(DOMAIN, 60);
/** The grammar a second time, in one line, to compare with. */
const GRAMMAR = /^spiffe:\/\/[a-z0-9._-]{1,255}(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)*$/;

describe("SPIFFE ID", () => {
  for (const { id, valid, what } of vectors) {
    const shown = JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id);
    if (valid) {
      it(`takes ${shown} as ${what}`, () => {
        const parsed = parseSpiffeId(id);
        expect(parsed).to.equal(id);
        expect(pathOf(parsed) === "").to.equal(what === "trust-domain");
        expect(isReserved(parsed)).to.equal(what === "reserved");
      });
    } else {
      it(`refuses ${shown} for ${what}`, () => {
        expect(spiffeIdFault(id)).to.equal(what);
        expect(() => parseSpiffeId(id))
          .to.throw(SignetError)
          .with.property("code", "SPIFFE_ID_INVALID");
      });
    }
  }

  it("has vectors for C that are current", () => {
    expect(read("spiffe-ids.txt")).to.equal(spiffeVectorLines(vectors));
  });

  it("is taken apart into the parts that it was made of", () => {
    fc.assert(
      fc.property(domain, fc.array(segment, { minLength: 1, maxLength: 8 }), (name, segments) => {
        const path = `/${segments.join("/")}`;
        const id = spiffeIdOf(name, path);
        expect(trustDomainOf(id)).to.equal(name);
        expect(pathOf(id)).to.equal(path);
      }),
    );
  });

  it("agrees with the grammar on every string", () => {
    const piece = fc.oneof(
      fc.constantFrom("spiffe://", "/", "//", ".", "..", "%2e", "?", "#", "@", ":", "\0", "é"),
      segment,
      fc.string(),
    );
    const near = fc.array(piece, { maxLength: 8 }).map((parts) => `spiffe://${parts.join("")}`);
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (id) => {
        expect(isSpiffeId(id)).to.equal(GRAMMAR.test(id) && !id.endsWith("\n"));
      }),
      { numRuns: 2000 },
    );
  });

  it("is not made of a path without its slash, or of a bad trust domain", () => {
    expect(() => spiffeIdOf("example.org", "db")).to.throw(SignetError);
    expect(() => spiffeIdOf("example.org", "")).to.throw(SignetError);
    expect(() => spiffeIdOf("example.org/x", "/db")).to.throw(SignetError);
    expect(isTrustDomain("example.org")).to.equal(true);
    expect(isTrustDomain("")).to.equal(false);
  });

  it("knows a single segment", () => {
    for (const good of ["web", "web-1", "a.b", "..."]) expect(isPathSegment(good)).to.equal(true);
    for (const bad of ["", ".", "..", "a/b", "a b", "ä"])
      expect(isPathSegment(bad)).to.equal(false);
  });
});
