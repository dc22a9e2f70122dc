// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { expect } from "chai";
import { SigningQueue, type SigningRequest } from "../../src/issuance/signing-queue.js";
import { settle } from "../manual-clock.js";

const request = (entryId: string): SigningRequest => ({ entryId, csr: Buffer.alloc(1) });
const refused = (code: string): messages.SvidResult => ({
  refusal: { code, message: "", retryable: false },
  result: "refusal",
});

describe("the signing queue", () => {
  it("sends what is asked for together in one batch, and gives each its own result", async () => {
    const batches: number[] = [];
    const queue = new SigningQueue((requests) => {
      batches.push(requests.length);
      return Promise.resolve(requests.map(({ entryId }) => refused(entryId)));
    });
    const ids = Array.from({ length: 100 }, (_, i) => String(i));
    const results = await Promise.all(ids.map((id) => queue.submit(request(id))));
    expect(results.map(({ refusal }) => refusal?.code)).to.deep.equal(ids);
    expect(batches).to.deep.equal([64, 36]);
  });

  it("has at most four batches on their way, and goes on when one is done", async () => {
    const release: (() => void)[] = [];
    const queue = new SigningQueue(
      (requests) =>
        new Promise((resolve) => {
          release.push(() => {
            resolve(requests.map(() => refused("X")));
          });
        }),
    );
    const all = Promise.all(Array.from({ length: 64 * 6 }, () => queue.submit(request("a"))));
    await settle();
    expect(release).to.have.length(4);
    release[0]?.();
    await settle();
    expect(release).to.have.length(5);
    release[1]?.();
    await settle();
    for (const free of release) free();
    expect(await all).to.have.length(384);
  });

  it("fails each of a batch when its call fails, and a request that was left out", async () => {
    const failing = new SigningQueue(() => Promise.reject(new SignetError("SIGNER_UNAVAILABLE")));
    const error: unknown = await failing.submit(request("a")).catch((e: unknown) => e);
    expect(error).to.include({ code: "SIGNER_UNAVAILABLE" });
    const short = new SigningQueue(() => Promise.resolve([]));
    expect(await short.submit(request("a")).catch((e: unknown) => e)).to.include({
      code: "INTERNAL",
    });
  });

  it("refuses more than it can hold", async () => {
    const queue = new SigningQueue(() => new Promise(() => undefined));
    const waiting = Array.from({ length: 4097 }, () => queue.submit(request("a")));
    const error: unknown = await waiting.at(-1)?.catch((e: unknown) => e);
    expect(error).to.include({ code: "LIMIT_REACHED" });
  });
});
