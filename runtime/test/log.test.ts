// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { SignetError } from "@signet/contract/signet-error.js";
import { createLog } from "../src/log.js";

describe("the log", () => {
  function logged(...line: readonly [object, string]): Record<string, unknown> {
    const lines: string[] = [];
    createLog("signet-test", "info", { write: (text) => void lines.push(text) }).info(...line);
    expect(lines).to.have.length(1);
    return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  }

  it("has nothing of what is named like a secret, three levels deep", () => {
    const secret = "s.Zm9v";
    const line = logged(
      { token: secret, a: { secretId: secret, b: { headers: secret } }, node: "n1" },
      "hello",
    );
    expect(JSON.stringify(line)).not.to.contain(secret);
    expect(line).to.include({ name: "signet-test", node: "n1", msg: "hello" });
  });

  it("has an error's code and causes, and nothing that hangs on it", () => {
    const cause = Object.assign(new Error("socket hang up"), { code: "ECONNRESET", request: "x" });
    const { err } = logged({ err: new SignetError("VAULT_UNAVAILABLE", "away", { cause }) }, "no");
    expect(err).to.deep.equal({
      message: "away",
      code: "VAULT_UNAVAILABLE",
      cause: { message: "socket hang up", code: "ECONNRESET" },
    });
  });

  it("says where an error was made that has no code", () => {
    const { err } = logged({ err: new TypeError("x is not a function") }, "no");
    expect(err).to.have.property("stack").that.contains("log.test.ts");
  });
});
