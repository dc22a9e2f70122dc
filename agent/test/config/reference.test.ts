// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { configurationReference } from "@signet/runtime/configuration-reference.js";
import { DOCUMENTED } from "../../src/config/schema.js";

describe("docs/configuration-agent.md", () => {
  it("is what the schema says", () => {
    const file = new URL("../../../docs/configuration-agent.md", import.meta.url);
    expect(readFileSync(file, "utf8"), "npm run -w @signet/agent reference").to.equal(
      configurationReference(DOCUMENTED),
    );
  });
});
