// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { Resumption } from "../../src/issuance/resumption.js";
import type { IdentityGetReply } from "../../src/netlink/family.generated.js";
import { refusal } from "../../src/netlink/refusal.js";
import { ManualClock } from "../../../runtime/test/manual-clock.js";
import { silentLog } from "../../../runtime/test/silent-log.js";

const ENOBUFS = 105;

describe("resumption after messages were lost", () => {
  function setUp(failures: number) {
    const clock = new ManualClock(1_000_000);
    const resumed: (readonly IdentityGetReply[])[] = [];
    let lists = 0;
    const identities = () =>
      ++lists <= failures
        ? Promise.reject(refusal("recvfrom", ENOBUFS, undefined))
        : Promise.resolve([{ id: lists }]);
    const issuance = { resume: (list: readonly IdentityGetReply[]) => void resumed.push(list) };
    const resumption = new Resumption({ module: { identities }, issuance, clock, log: silentLog });
    return { clock, resumed, resumption };
  }

  it("goes on until the kernel's identities could be listed", async () => {
    const { clock, resumed, resumption } = setUp(3);
    resumption.soon();
    await clock.advance(10_000);
    expect(resumed).to.deep.equal([[{ id: 4 }]]);
  });

  it("lists once for what was lost at one time", async () => {
    const { clock, resumed, resumption } = setUp(0);
    resumption.soon();
    resumption.soon();
    await clock.advance(10_000);
    expect(resumed).to.have.length(1);
  });

  it("ends when it is stopped", async () => {
    const { clock, resumed, resumption } = setUp(1000);
    resumption.soon();
    await clock.advance(1000);
    resumption.stop();
    await clock.advance(60_000);
    expect(clock.due).to.deep.equal([]);
    expect(resumed).to.deep.equal([]);
  });
});
