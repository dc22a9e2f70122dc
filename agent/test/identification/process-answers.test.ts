// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { systemClock, type Clock } from "@signet/runtime/clock.js";
import { ProcessAnswers } from "../../src/identification/process-answers.js";
import type { ProcessFacts } from "../../src/identification/process-facts.js";
import type { ProcessAnswerRequest } from "../../src/netlink/family.generated.js";
import type { NodeState } from "../../src/sync/node-state.js";
import { applyUpdate } from "../../src/sync/apply.js";
import type { StateStore } from "../../src/sync/state-store.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { entry, snapshot, update } from "../sync/states.js";
import { factsOf } from "./running-process.js";

function stateOf(key: string, value: string | number, revision = 1): NodeState {
  const workloadSelectors = [{ selectors: [{ key, values: [String(value)] }] }];
  const entries = [{ ...entry("web"), workloadSelectors }];
  const step = applyUpdate(
    undefined,
    update(revision, { snapshot: snapshot({ entries }) }),
    undefined,
  );
  if (step === undefined) throw new Error("a first snapshot is a step");
  return step.state;
}

describe("answers to the kernel", () => {
  let facts: ProcessFacts;
  before(async () => {
    facts = await factsOf(process.pid);
  });

  /** Asks who this process is; the verdict, or what is logged when there is none. */
  function ask(
    store: Pick<StateStore, "restored" | "current">,
    clock: Pick<Clock, "now"> = systemClock,
  ): Promise<unknown> {
    return new Promise((resolve) => {
      const answerProcess = ({ verdict }: ProcessAnswerRequest) => {
        resolve(verdict);
        return Promise.resolve();
      };
      const error = ({ err }: { err: unknown }) => {
        resolve(err);
      };
      const log = { ...silentLog, error };
      const module = { answerProcess };
      new ProcessAnswers({ module, store, hostMountNs: facts.mountNs, clock, log }).ask(facts);
    });
  }

  it("are by the entries that hold when they are sent", async () => {
    const store = { restored: Promise.resolve(), current: stateOf("process:uid", facts.uid) };
    const verdict = ask(store);
    setImmediate(() => {
      store.current = stateOf("process:uid", facts.uid + 1, 2);
    });
    expect(await verdict).to.equal("none");
  });

  it("are given up when the kernel waits for them no more", async () => {
    let time = 0;
    const clock = { now: () => (time += 1000) };
    const current = stateOf("process:binary:sha256", "00");
    const error = await ask({ restored: Promise.resolve(), current }, clock);
    expect(error).to.include({ code: "CANCELLED" });
    expect(time).to.be.lessThan(10_000);
  });
});
