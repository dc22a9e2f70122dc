// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { LIMITS, SignetError } from "@signet/contract";
import { emptyConfig } from "../src/config/schema.js";
import { InFlight } from "../src/in-flight.js";

async function refused(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    (error: unknown) => error instanceof SignetError && error.code === "LIMIT_REACHED",
  );
}

describe("what is in flight", () => {
  it("may be, by default, all that an agent has in flight", async () => {
    const { signaturesInFlight, signaturesInFlightPerNode } = emptyConfig({}).get("limits");
    const inFlight = new InFlight(signaturesInFlight, signaturesInFlightPerNode);
    const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([1, 2, 3, 4].map(() => inFlight.run("a", LIMITS.requestsPerCall, pause)));
  });

  it("leaves room for who wants little, however many want all that they may have", async () => {
    const { signaturesInFlight, signaturesInFlightPerNode } = emptyConfig({}).get("limits");
    const inFlight = new InFlight(signaturesInFlight, signaturesInFlightPerNode);
    let end: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (end = resolve));
    const greedy: Promise<boolean>[] = [];
    for (let call = 0; call < signaturesInFlightPerNode / LIMITS.requestsPerCall; call++) {
      for (const node of ["a", "b", "c", "d"]) {
        greedy.push(refused(inFlight.run(node, LIMITS.requestsPerCall, () => until)));
      }
    }
    const modest = inFlight.run("modest", LIMITS.requestsPerCall, () => Promise.resolve());
    expect(await refused(modest)).to.equal(false);
    end();
    expect((await Promise.all(greedy)).filter((one) => !one)).to.have.length.at.least(12);
  });

  it("is bounded for a node and in all, and makes room when it ends, however it ends", async () => {
    const inFlight = new InFlight(5, 3);
    let end: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (end = resolve));
    const first = inFlight.run("a", 3, () => until);
    expect(await refused(inFlight.run("a", 1, () => Promise.resolve()))).to.equal(true);
    expect(await refused(inFlight.run("b", 3, () => Promise.resolve()))).to.equal(true);
    await inFlight.run("b", 2, () => Promise.resolve());
    const failing = inFlight.run("b", 2, () => Promise.reject(new Error("failed")));
    await failing.catch(() => undefined);
    await inFlight.run("b", 2, () => Promise.resolve());
    end();
    await first;
    await inFlight.run("a", 3, () => Promise.resolve());
  });
});
