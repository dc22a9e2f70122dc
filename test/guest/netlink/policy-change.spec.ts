// SPDX-License-Identifier: Apache-2.0
import { mergePolicy } from "../../../agent/src/netlink/policy-items.js";
import { inForceOf } from "../../../agent/test/sync/fake-kernel.js";
import { changesOfPolicy } from "../../../agent/test/sync/policy-change-behaviour.js";
import { Authority } from "./authority.js";
import { TestAgent } from "./test-agent.js";

describe("the kernel's changes of policy", () => {
  let agent: TestAgent | undefined;

  after(() => {
    agent?.leave();
  });

  changesOfPolicy(new Authority("change root").root, async () => {
    const { module } = (agent = await TestAgent.register());
    return { kernel: module, inForce: async () => inForceOf(mergePolicy(await module.policy())) };
  });
});
