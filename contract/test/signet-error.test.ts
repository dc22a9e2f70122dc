// SPDX-License-Identifier: Apache-2.0

import { createRequire } from "node:module";
import { expect } from "chai";
import { ERRORS } from "../src/error-codes.js";
import { SignetError } from "../src/signet-error.js";

describe("SignetError", () => {
  it("carries code, message, cause and the line of the table", () => {
    const cause = new Error("inner");
    const error = new SignetError("TOKEN_USED", "twice", { cause });
    expect(error).to.include({ code: "TOKEN_USED", message: "twice", cause, name: "SignetError" });
    expect(error.info).to.equal(ERRORS.TOKEN_USED);
    expect(error.faults).to.deep.equal([]);
  });

  it("says the table's sentence when it has none of its own", () => {
    expect(new SignetError("TOKEN_USED").message).to.equal(ERRORS.TOKEN_USED.sentence);
  });

  it("is of a class that extends it only when it was made by that", () => {
    class Special extends SignetError {}
    expect(new Special("INTERNAL")).to.be.instanceOf(SignetError).and.instanceOf(Special);
    expect(new SignetError("INTERNAL")).not.to.be.instanceOf(Special);
  });

  it("is known in every copy of its module", () => {
    const require = createRequire(import.meta.url);
    const copy = require("@signet/contract/signet-error.js") as { SignetError: typeof SignetError };
    expect(new copy.SignetError("ENTRY_UNKNOWN")).to.be.instanceOf(SignetError);
    expect(new Error("x")).not.to.be.instanceOf(SignetError);
  });

  it("makes INTERNAL of what is not one, and keeps it as the cause", () => {
    const cause = new TypeError("x");
    expect(SignetError.from(cause)).to.include({ code: "INTERNAL", cause });
    const own = new SignetError("ENTRY_UNKNOWN");
    expect(SignetError.from(own)).to.equal(own);
  });
});
