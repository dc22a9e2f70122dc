// SPDX-License-Identifier: Apache-2.0
import { FakeKernel } from "./fake-kernel.js";
import { changesOfPolicy } from "./policy-change-behaviour.js";
import { ROOT } from "./states.js";

describe("the fake kernel's changes of policy", () => {
  changesOfPolicy(ROOT, () => {
    const kernel = new FakeKernel();
    return Promise.resolve({ kernel, inForce: () => Promise.resolve(kernel.inForce) });
  });
});
