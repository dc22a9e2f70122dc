// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import { expect } from "chai";
import { demandSameAbi, registrationError } from "../../src/netlink/abi.js";
import { Limits } from "../../src/netlink/family.generated.js";
import { refusal } from "../../src/netlink/refusal.js";

const { EPROTONOSUPPORT, EBUSY, ENOMEM } = constants.errno;

describe("versions of module and agent", () => {
  it("are the same, or MODULE_ABI says both", () => {
    demandSameAbi(Limits.abiVersion);
    for (const version of [Limits.abiVersion + 1, 0, undefined]) {
      expect(() => {
        demandSameAbi(version);
      })
        .to.throw(`version ${String(version)}, this program ${String(Limits.abiVersion)}`)
        .with.property("code", "MODULE_ABI");
    }
  });

  it("that differ are why the module refuses an agent with EPROTONOSUPPORT", () => {
    const codeOf = (errno: number) => registrationError(refusal("agentRegister", errno, "no"));
    expect(codeOf(EPROTONOSUPPORT)).to.include({ code: "MODULE_ABI" });
    expect(codeOf(EBUSY)).to.include({ code: "NETLINK_BUSY" });
    expect(codeOf(ENOMEM)).to.include({ code: "NETLINK_REFUSED" });
  });
});
