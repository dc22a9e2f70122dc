// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "@signet/runtime/clock.js";
import { JoinTokens } from "../../src/attestation/join-token.js";
import { Audit } from "../../src/audit.js";
import { openDatabase, type Database } from "../../src/store/database.js";
import { refusal } from "../refusal.js";

describe("a join token", () => {
  const folder = mkdtempSync(join(tmpdir(), "signet-token-"));
  let db: Database;
  let now = 1_000_000;
  let tokens: JoinTokens;

  before(async () => {
    db = await openDatabase(join(folder, "signer.db"));
    const clock = { ...systemClock, now: () => now };
    tokens = new JoinTokens(db, new Audit(() => undefined, clock), clock);
  });

  after(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const show = (token: string) =>
    tokens.attest({ step: "joinToken", joinToken: { token, csr: Buffer.alloc(0) } });

  it("lasts as long as it was made for, and not a second longer", async () => {
    const first = await tokens.create("n", [], 60);
    const second = await tokens.create("n", ["b", "a", "b"], 60);
    now += 59_000;
    expect(await show(second.token)).to.deep.include({ id: "n", groups: ["a", "b"] });
    now += 1_000;
    expect(await refusal(show(first.token))).to.equal("TOKEN_EXPIRED");
    expect(await refusal(show(second.token))).to.equal("TOKEN_USED");
  });

  const wrong: [string, string, string[], number][] = [
    ["a node that is no segment", "a/b", [], 60],
    ["no node", "", [], 60],
    ["a group that is no segment", "n", ["a b"], 60],
    ["too many groups", "n", Array.from({ length: 65 }, (_, i) => `g${i}`), 60],
    ["too long a life", "n", [], 86_401],
  ];
  for (const [what, node, groups, ttl] of wrong) {
    it(`is not made for ${what}`, async () => {
      expect(await refusal(tokens.create(node, groups, ttl))).to.equal("REQUEST_INVALID");
    });
  }
});
