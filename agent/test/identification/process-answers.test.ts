// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { ProcessAnswers } from "../../src/identification/process-answers.js";
import type { NodeState } from "../../src/sync/node-state.js";
import { applyUpdate } from "../../src/sync/apply.js";
import { silentLog } from "../silent-log.js";
import { entry, snapshot, update } from "../sync/states.js";
import { factsOf } from "./running-process.js";

function stateOf(uid: number, revision: number): NodeState {
  const workloadSelectors = [{ selectors: [{ key: "process:uid", values: [String(uid)] }] }];
  const entries = [{ ...entry("web"), workloadSelectors }];
  const step = applyUpdate(undefined, update(revision, { snapshot: snapshot({ entries }) }));
  if (step === undefined) throw new Error("a first snapshot is a step");
  return step.state;
}

describe("answers to the kernel", () => {
  it("are by the entries that hold when they are sent", async () => {
    const facts = await factsOf(process.pid);
    const store = {
      restored: Promise.resolve(),
      current: stateOf(facts.uid, 1),
    };
    const verdict = await new Promise((resolve) => {
      const answers = new ProcessAnswers({
        module: {
          answerProcess: (answer) => {
            resolve(answer.verdict);
            return Promise.resolve();
          },
        },
        store,
        hostMountNs: facts.mountNs,
        log: silentLog,
      });
      answers.ask(facts);
      setImmediate(() => {
        store.current = stateOf(facts.uid + 1, 2);
      });
    });
    expect(verdict).to.equal("none");
  });
});
