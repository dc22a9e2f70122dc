// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { expect } from "chai";
import { Offer } from "../../src/issuance/offer.js";
import { refusal } from "../../src/netlink/refusal.js";
import { ManualClock, settle } from "../../../runtime/test/manual-clock.js";

const START = 1_000_000_000_000;
const LIFE_MS = 3_600_000;
const Errno = { EAGAIN: 11, ENOMEM: 12, ENOBUFS: 105, ESTALE: 116, ENOKEY: 126 } as const;
const HOPELESS = { EKEYEXPIRED: 127, EKEYREVOKED: 128, EKEYREJECTED: 129 } as const;

/** An offer to a kernel that answers as it is told; undefined: it takes the certificate. */
function setUp() {
  const clock = new ManualClock(START);
  const state = {
    tries: 0,
    refused: [] as string[],
    answer: undefined as Error | undefined,
    end: undefined as unknown,
  };
  const offer = new Offer({
    install: () => {
      state.tries++;
      return state.answer === undefined ? Promise.resolve() : Promise.reject(state.answer);
    },
    notAfter: START + LIFE_MS,
    onRefused: (code) => state.refused.push(code),
    clock,
  });
  const begin = async (errno?: number) => {
    if (errno !== undefined) state.answer = refusal("svidInstall", errno, undefined);
    void offer.result().then((result) => {
      state.end = result.end === "hopeless" ? result.code : result.end;
    });
    await settle();
  };
  return { clock, state, offer, begin };
}

describe("a certificate offered to the kernel", () => {
  it("is taken", async () => {
    const { clock, state, begin } = setUp();
    await begin();
    expect(state).to.include({ tries: 1, end: "taken" });
    expect(clock.due).to.deep.equal([]);
  });

  for (const [errno, code] of [
    ["EAGAIN", "SVID_NOT_YET_VALID"],
    ["ENOKEY", "SVID_CHAIN"],
    ["ENOMEM", "NETLINK_REFUSED"],
  ] as const) {
    it(`is offered again after ${errno}, and taken when the kernel can`, async () => {
      const { clock, state, begin } = setUp();
      await begin(Errno[errno]);
      await clock.advance(60_000);
      expect(state.end).to.equal(undefined);
      expect(new Set(state.refused)).to.deep.equal(new Set([code]));
      expect(state.tries, "with a growing delay").to.be.within(8, 20);
      state.answer = undefined;
      await clock.advance(10_000);
      expect(state.end).to.equal("taken");
    });
  }

  it("is offered at once when roots or the policy changed", async () => {
    const { state, offer, begin } = setUp();
    await begin(Errno.ENOKEY);
    state.answer = undefined;
    offer.again();
    await settle();
    expect(state.end).to.equal("taken");
  });

  it("is given up when no root has come for it within a minute, whatever else changes", async () => {
    const { clock, state, offer, begin } = setUp();
    await begin(Errno.ENOKEY);
    for (let seconds = 0; seconds < 50; seconds += 10) {
      await clock.advance(10_000);
      offer.again();
    }
    await settle();
    expect(state.end).to.equal(undefined);
    await clock.advance(20_000);
    expect(state.end).to.equal("SVID_CHAIN");
    expect(clock.due).to.deep.equal([]);
  });

  it("is given up when it has expired", async () => {
    const { clock, state, begin } = setUp();
    await begin(Errno.ENOMEM);
    await clock.advance(LIFE_MS - 10_000);
    expect(state.end).to.equal(undefined);
    await clock.advance(20_000);
    expect(state.end).to.equal("SVID_EXPIRED");
    expect(clock.due).to.deep.equal([]);
  });

  for (const [errno, code] of [
    ["EKEYEXPIRED", "SVID_EXPIRED"],
    ["EKEYREVOKED", "SVID_REVOKED"],
    ["EKEYREJECTED", "NETLINK_REFUSED"],
  ] as const) {
    it(`is given up after ${errno}`, async () => {
      const { clock, state, begin } = setUp();
      await begin(HOPELESS[errno]);
      expect(state).to.include({ tries: 1, end: code });
      expect(clock.due).to.deep.equal([]);
    });
  }

  it("is superseded when its request waits no more", async () => {
    const { state, begin } = setUp();
    await begin(Errno.ESTALE);
    expect(state).to.include({ tries: 1, end: "superseded" });
  });

  for (const [name, lost] of [
    ["for lack of room", refusal("recvfrom", Errno.ENOBUFS, undefined)],
    ["by a message that can't be read", new SignetError("NETLINK_MALFORMED")],
  ] as const) {
    it(`was taken when the answer got lost ${name} and its request waits no more`, async () => {
      const { clock, state, begin } = setUp();
      state.answer = lost;
      await begin();
      state.answer = refusal("svidInstall", Errno.ESTALE, undefined);
      await clock.advance(1000);
      expect(state).to.include({ tries: 2, end: "taken" });
    });
  }

  it("is offered no more once it was dropped", async () => {
    const { clock, state, offer, begin } = setUp();
    await begin(Errno.EAGAIN);
    offer.drop();
    await settle();
    expect(state).to.include({ tries: 1, end: "superseded" });
    expect(clock.due).to.deep.equal([]);
  });
});
