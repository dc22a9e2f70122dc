// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { expect } from "chai";
import {
  SigningQueue,
  type SignBatch,
  type SigningRequest,
} from "../../src/issuance/signing-queue.js";
import { ManualClock, settle } from "../../../runtime/test/manual-clock.js";

const request = (entryId: string): SigningRequest => ({ entryId, csr: Buffer.alloc(1) });
const refused = (code: string): messages.SvidResult => ({
  refusal: { code, message: "", retryable: false },
  result: "refusal",
});

function newQueue(sign: SignBatch, clock = new ManualClock(0)): SigningQueue {
  return new SigningQueue(sign, clock);
}

describe("the signing queue", () => {
  it("sends what is asked for together in one batch, and gives each its own result", async () => {
    const batches: number[] = [];
    const queue = newQueue((requests) => {
      batches.push(requests.length);
      return Promise.resolve(requests.map(({ entryId }) => refused(entryId)));
    });
    const ids = Array.from({ length: 100 }, (_, i) => String(i));
    const results = await Promise.all(ids.map((id) => queue.submit(request(id))));
    expect(results.map(({ refusal }) => refusal?.code)).to.deep.equal(ids);
    expect(batches).to.deep.equal([64, 36]);
  });

  it("has at most as many on their way as a signer allows a node, and goes on when one is done", async () => {
    const release: (() => void)[] = [];
    const queue = newQueue(
      (requests) =>
        new Promise((resolve) => {
          release.push(() => {
            resolve(requests.map(() => refused("X")));
          });
        }),
    );
    const all = Promise.all(Array.from({ length: 64 * 3 }, () => queue.submit(request("a"))));
    await settle();
    expect(release).to.have.length(2);
    release[0]?.();
    await settle();
    expect(release).to.have.length(3);
    for (const free of release) free();
    expect(await all).to.have.length(192);
  });

  it("asks again for less when a signer answers that it is too much", async () => {
    const clock = new ManualClock(1_000_000);
    const allowed = 20;
    const tried: { at: number; size: number }[] = [];
    let inFlight = 0;
    const queue = newQueue(async (requests) => {
      tried.push({ at: clock.now(), size: requests.length });
      if (inFlight + requests.length > allowed) throw new SignetError("LIMIT_REACHED");
      inFlight += requests.length;
      await new Promise<void>((resolve) => clock.after(100, resolve));
      inFlight -= requests.length;
      return requests.map(({ entryId }) => refused(entryId));
    }, clock);
    const ids = Array.from({ length: 300 }, (_, i) => String(i));
    const all = Promise.all(ids.map((id) => queue.submit(request(id))));
    await clock.advance(60_000);
    const results = await all;
    expect(results.map(({ refusal }) => refusal?.code)).to.deep.equal(ids);
    expect(tried.filter(({ at }) => at === 1_000_000).length).to.equal(2);
    expect(Math.max(...tried.slice(2).map(({ size }) => size))).to.be.at.most(32);
    expect(clock.due).to.deep.equal([]);
  });

  it("fails each of a batch when its call fails, and a request that was left out", async () => {
    const failing = newQueue(() => Promise.reject(new SignetError("SIGNER_UNAVAILABLE")));
    const error: unknown = await failing.submit(request("a")).catch((e: unknown) => e);
    expect(error).to.include({ code: "SIGNER_UNAVAILABLE" });
    const short = newQueue(() => Promise.resolve([]));
    expect(await short.submit(request("a")).catch((e: unknown) => e)).to.include({
      code: "INTERNAL",
    });
  });

  it("refuses more than it can hold", async () => {
    const queue = newQueue(() => new Promise(() => undefined));
    const waiting = Array.from({ length: 4097 }, () => queue.submit(request("a")));
    const error: unknown = await waiting.at(-1)?.catch((e: unknown) => e);
    expect(error).to.include({ code: "LIMIT_REACHED" });
  });
});
