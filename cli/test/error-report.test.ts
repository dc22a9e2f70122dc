// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import { expect } from "chai";
import { errorJson, errorText } from "../src/error-report.js";

describe("error report", () => {
  it("has message, code and help", () => {
    const lines = errorText(new SignetError("TOKEN_USED", "It was used.")).split("\n");
    expect(lines[0]).to.equal("error: It was used. [TOKEN_USED]");
    expect(lines[1]).to.match(/^help: /);
  });

  it("names the cause of a failure inside the program", () => {
    const text = errorText(SignetError.from(new Error("out of ink")));
    expect(text).to.match(/^cause: out of ink$/m);
  });

  it("says of a field that is not built why it is refused", () => {
    const fault = {
      ...{ file: "a.yaml", line: 2, column: 1, field: "spec.outbound" },
      ...{ message: "is not built yet", code: "DOCUMENT_FIELD_NOT_BUILT" as const },
    };
    const text = errorText(new SignetError("DOCUMENT_INVALID", undefined, { faults: [fault] }));
    expect(text).to.match(
      /^a\.yaml:2:1: spec\.outbound: is not built yet \[.*\] \(Remove the field/m,
    );
  });

  it("shows no control characters of a message", () => {
    expect(errorText(new SignetError("ENTRY_UNKNOWN", "a\u001b[31m\u202eb"))).to.contain(
      "a?[31m?b",
    );
  });

  it("is JSON without the cause", () => {
    const json = errorJson(new SignetError("ENTRY_UNKNOWN", "gone", { cause: new Error("x") }));
    expect(JSON.parse(json)).to.have.nested.property("error.code", "ENTRY_UNKNOWN");
    expect(json).not.to.contain("cause");
  });
});
