// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { expect } from "chai";
import { encodeAttributes } from "../../src/netlink/attributes.js";
import { policyTable } from "../../src/netlink/family.generated.js";
import { mergePolicy } from "../../src/netlink/policy-items.js";
import { applyUpdate } from "../../src/sync/apply.js";
import {
  itemsBeyond,
  policyHead,
  revocationParts,
  revocationsBeyond,
} from "../../src/sync/policy-items.js";
import { ban, banSerial, ROOT, snapshot, update } from "./states.js";

function stateOf(content: messages.Snapshot) {
  const step = applyUpdate(undefined, update(7, { snapshot: content }), undefined);
  if (step === undefined) throw new Error("a snapshot changes something");
  return step.state;
}

describe("a policy for the kernel", () => {
  it("has the head and the items of the state", () => {
    const state = stateOf(snapshot({ revocations: [ban("1", "/x")] }));
    expect(policyHead(state)).to.deep.equal({
      databaseEpoch: "epoch-1",
      revision: 7n,
      trustDomain: "demo.test",
      defaultDeny: 1,
      unidentified: "deny",
    });
    expect(itemsBeyond(state, {})).to.deep.equal([
      {
        root: [ROOT],
        meshCidr: [{ address: Buffer.from([10, 0, 0, 0]), prefixLength: 8 }],
        exemptPort: [22],
        rule: [
          {
            subject: "spiffe://demo.test/web",
            from: ["spiffe://demo.test/client"],
            port: [80],
            policy: "web",
          },
        ],
        destination: [
          {
            name: "web",
            range: [{ address: Buffer.from([10, 0, 0, 1]), prefixLength: 32, port: 80 }],
            identity: ["spiffe://demo.test/web"],
          },
        ],
        revocation: [{ id: 1n, spiffeId: "spiffe://demo.test/x" }],
      },
    ]);
  });

  it("is cut into messages that the socket carries, and loses nothing", () => {
    const from = Array.from(
      { length: 100 },
      (_, i) => `spiffe://demo.test/${"c".repeat(1500)}${String(i)}`,
    );
    const rule = { subject: "spiffe://demo.test/web", from, ports: [80, 443], policy: "wide" };
    const rules = Array.from({ length: 20 }, () => rule);
    const parts = itemsBeyond(stateOf(snapshot({ rules })), {});
    expect(parts.length).to.be.greaterThan(20);
    for (const part of parts) {
      expect(encodeAttributes(policyTable, part).length).to.be.lessThan(64 * 1024);
    }
    const sent = parts.flatMap((part) => part.rule ?? []).flatMap((r) => r.from ?? []);
    expect(sent).to.deep.equal(rules.flatMap((r) => r.from));
  });

  it("carries a rule with every port, and a destination with many long identities", () => {
    const id = (i: number) => `spiffe://demo.test/${"c".repeat(1500)}${String(i)}`;
    const identities = Array.from({ length: 200 }, (_, i) => id(i));
    const ports = Array.from({ length: 65_535 }, (_, i) => i + 1);
    const addresses = Array.from({ length: 5000 }, (_, i) => ({
      address: Buffer.from([10, 1, i >> 8, i & 0xff]),
      prefixLength: 32,
      port: 0,
    }));
    const web = "spiffe://demo.test/web";
    const rules = [{ subject: web, from: [web], ports, policy: "wide" }];
    const destinations = [{ name: "wide", addresses, identities }];
    const parts = itemsBeyond(stateOf(snapshot({ rules, destinations })), {});
    for (const part of parts) {
      expect(encodeAttributes(policyTable, part).length).to.be.at.most(32 * 1024);
    }
    const { rule, destination } = mergePolicy(parts);
    expect(rule).to.deep.equal([{ subject: web, from: [web], port: ports, policy: "wide" }]);
    expect(destination?.[0]?.range).to.have.length(5000);
    expect(destination?.[0]?.identity).to.deep.equal(identities);
    expect(destination).to.have.length(1);
  });

  it("is only what the other one hasn't, in any of its words", () => {
    const { rules, destinations, trustDomain } = snapshot();
    const [rule, destination] = [rules[0], destinations[0]];
    const changed = stateOf(
      snapshot({
        trustDomain: trustDomain && { ...trustDomain, exemptPorts: [22, 23] },
        rules: [...structuredClone(rules), ...rules.map((r) => ({ ...r, ports: [80, 81] }))],
        destinations: destinations.map((d) => ({ ...d, name: "other" })),
        revocations: [ban("1", "/x"), ban("2", "/x")],
      }),
    );
    const before = stateOf(
      snapshot({ revocations: [{ ...ban("1", "/x"), reason: "told later" }] }),
    );
    expect(itemsBeyond(changed, before)).to.deep.equal([
      {
        revocation: [{ id: 2n, spiffeId: "spiffe://demo.test/x" }],
        exemptPort: [23],
        rule: [{ subject: rule?.subject, from: rule?.from, port: [80, 81], policy: "web" }],
        destination: [
          {
            name: "other",
            range: [{ address: Buffer.from([10, 0, 0, 1]), prefixLength: 32, port: 80 }],
            identity: destination?.identities,
          },
        ],
      },
    ]);
    expect(revocationsBeyond(before, changed)).to.deep.equal([]);
    expect(itemsBeyond(changed, changed)).to.deep.equal([]);
  });

  it("sends revocations by serial and by SPIFFE ID", () => {
    expect(revocationParts([banSerial("9", "0aff"), ban("10", "/x")])).to.deep.equal([
      {
        revocation: [
          { id: 9n, serial: "0aff" },
          { id: 10n, spiffeId: "spiffe://demo.test/x" },
        ],
      },
    ]);
  });
});
