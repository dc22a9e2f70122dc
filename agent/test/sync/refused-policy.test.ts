// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { encodeAttributes } from "../../src/netlink/attributes.js";
import { policyTable, type PolicyChangeRequest } from "../../src/netlink/family.generated.js";
import { refusal } from "../../src/netlink/refusal.js";
import { PolicyRefused, refusedPolicy } from "../../src/sync/refused-policy.js";
import { ROOT } from "./states.js";

const WEB = "spiffe://demo.test/web";
const begun = { subject: WEB, policy: "large", from: [WEB], more: true };
const before: PolicyChangeRequest = { root: [ROOT], rule: [{ subject: WEB, policy: "a" }, begun] };
const head: PolicyChangeRequest = { databaseEpoch: "epoch-1", revision: 3n, defaultDeny: 1 };
const items: PolicyChangeRequest = {
  exemptPort: [22, 80],
  rule: [{ from: [WEB], more: true }, { port: [1] }, { subject: WEB, policy: "b" }],
  destination: [{ name: "shop", identity: [WEB] }],
  revocation: [{ id: 7n, serial: "0a" }],
};
const last = { ...head, ...items };

/** What is said of the item whose attribute, the nth of the last message, the kernel points into. */
function said(nth: number): string {
  const sizes = (Object.entries(items) as [string, unknown[]][]).flatMap(([name, list]) =>
    list.map((item) => encodeAttributes(policyTable, { [name]: [item] }).length),
  );
  const start = sizes
    .slice(0, nth)
    .reduce((sum, size) => sum + size, encodeAttributes(policyTable, head).length);
  const whole = refusedPolicy(refusal("policyChange", 22, "no", start), [before, last]);
  const within = refusedPolicy(refusal("policyChange", 22, "no", start + 4), [before, last]);
  expect(whole).to.be.instanceOf(PolicyRefused);
  expect((within as Error).message).to.equal((whole as Error).message);
  return (whole as Error).message;
}

describe("a policy that the kernel refuses for good", () => {
  it("is told with the item at fault, by the name of its first part", () => {
    expect(Array.from({ length: 7 }, (_, nth) => said(nth))).to.deep.equal([
      "The kernel refuses the exempt port 22: no.",
      "The kernel refuses the exempt port 80: no.",
      `The kernel refuses a rule of the access policy "large" for ${WEB}: no.`,
      `The kernel refuses a rule of the access policy "large" for ${WEB}: no.`,
      `The kernel refuses a rule of the access policy "b" for ${WEB}: no.`,
      'The kernel refuses the destination "shop": no.',
      "The kernel refuses the revocation 7: no.",
    ]);
  });

  it("is told as a whole where the kernel points at none", () => {
    for (const [sent, offset] of [
      [[], undefined],
      [[before, last], undefined],
      [[before, last], 1 << 20],
    ] as const) {
      const error = refusedPolicy(refusal("policyChange", 22, "a reason", offset), sent);
      expect((error as Error).message).to.equal("The kernel refuses the policy: a reason.");
    }
  });

  it("is another thing than a request that may be tried again", () => {
    for (const errno of [12, 105, 61, 116]) {
      const error = refusal("policyChange", errno, undefined, 0);
      expect(refusedPolicy(error, [last])).to.equal(error);
    }
    expect(refusedPolicy("odd", [last])).to.equal("odd");
  });
});
