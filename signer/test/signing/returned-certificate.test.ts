// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { withoutLeadingZeros } from "../../src/signing/returned-certificate.js";

describe("a serial as Vault writes it", () => {
  it("loses its leading zero octets and no other zeros", () => {
    expect(withoutLeadingZeros("0a00")).to.equal("0a00");
    expect(withoutLeadingZeros("00ff00")).to.equal("ff00");
    expect(withoutLeadingZeros("0000")).to.equal("00");
  });
});
