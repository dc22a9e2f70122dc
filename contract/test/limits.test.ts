// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { LIMITS } from "../src/limits.js";

const FOLDER = new URL("../../proto/signet/v1/", import.meta.url);

/** What the comment right above a field or message says. */
function commentOf(name: RegExp): string {
  const proto = readdirSync(FOLDER)
    .map((file) => readFileSync(new URL(file, FOLDER), "utf8"))
    .join("\n");
  const lines = proto.split("\n");
  const at = lines.findIndex((line) => name.test(line));
  const comment: string[] = [];
  for (let i = at - 1; lines[i]?.trim().startsWith("//"); i--) comment.unshift(lines[i] ?? "");
  return comment.join(" ");
}

const figure = (value: number) => value.toLocaleString("en-US");

describe("the limits of the protocol", () => {
  const stated: readonly (readonly [string, RegExp, string])[] = [
    ["requests", /repeated SvidRequest requests/, `At most ${figure(LIMITS.requestsPerCall)}.`],
    ["a token's lifetime", /ttl_seconds = 3/, `0: ${figure(LIMITS.tokenTtl)}.`],
    ["its longest", /ttl_seconds = 3/, `At most ${figure(LIMITS.longestTokenTtl)}.`],
    ["a reason", /string reason = 3/, `at most ${figure(LIMITS.reasonLength)} characters`],
    ["a list", /uint32 limit = /, `0: ${figure(LIMITS.listed)}.`],
    ["the longest list", /uint32 limit = /, `At most ${figure(LIMITS.mostListed)}.`],
    ["a stream's heartbeat", /Heartbeat heartbeat/, `Every ${figure(LIMITS.heartbeat)} seconds.`],
  ];
  for (const [what, name, words] of stated) {
    it(`are what the proto says of ${what}`, () => {
      expect(commentOf(name)).to.contain(words);
    });
  }

  it("leave time for an answer to arrive, so that an agent hears why it failed", () => {
    expect(LIMITS.wait).to.be.greaterThan(LIMITS.answer);
  });

  it("leave time for a heartbeat that comes late", () => {
    expect(LIMITS.silence).to.be.at.least(2 * LIMITS.heartbeat);
  });
});
