// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { connectionJson, connectionText } from "../src/commands/connections.js";
import { drainedJson, drainedText } from "../src/commands/drain.js";
import { identityJson, identityText, nodeJson, nodeText } from "../src/commands/status.js";
import { NOW, signet } from "./admin-service.js";

const seconds = (offset: number) => BigInt(NOW.getTime() / 1000 + offset);
const DB = "spiffe://example.org/shop/db";

describe("signet, on a node", () => {
  it("tells that the module is not loaded, or whose right it is to ask", async () => {
    for (const command of ["status", "connections"]) {
      const { exit, stderr } = await signet([command]);
      // A machine that runs these tests with the module loaded answers; others say why not.
      if (exit === 0) continue;
      expect(stderr).to.match(/\[(MODULE_MISSING|PERMISSION_DENIED)\]/);
      expect(exit).to.be.oneOf([69, 77]);
    }
  });

  describe("status", () => {
    it("shows module, agent and policy", () => {
      const node = { moduleVersion: "0.1.0", registered: true, trustDomain: "example.org" };
      const text = nodeText({ ...node, revision: 7n, uptimeNs: 61_000_000_000n, connections: 2 });
      expect(text).to.match(/^Module +0\.1\.0, up 1m1s$/m);
      expect(text).to.match(/^Agent +registered$/m);
      expect(text).to.match(/^Policy +revision 7$/m);
      expect(nodeJson(node)).to.include({ agentRegistered: true, revision: 0 });
    });

    it("counts the sessions that are blocked and not closed yet, when there are any", () => {
      expect(nodeText({ ending: 2 })).to.match(/^Sessions ending +2: blocked; .* lets go/m);
      expect(nodeText({ ending: 0 })).not.to.include("Sessions ending");
      expect(nodeJson({ ending: 2 })).to.include({ sessionsEnding: 2 });
      expect(nodeJson({})).to.include({ sessionsEnding: 0 });
    });

    it("says what it means that there is no agent and no policy", () => {
      const text = nodeText({});
      expect(text).to.match(/^Agent +none: unknown processes are refused$/m);
      expect(text).to.match(/^Policy +none: nothing is protected$/m);
    });

    it("tells the states of identities apart", () => {
      const valid = { spiffeId: DB, serial: "0a", notAfter: seconds(60), generation: 2 };
      const states = [
        valid,
        { ...valid, pending: true },
        { ...valid, pending: true, refusal: "SVID_NOT_YET_VALID" },
        { ...valid, notAfter: seconds(-1) },
        { ...valid, notAfter: seconds(-1), pending: true, refusal: "SVID_CHAIN" },
        { ...valid, revoked: true },
        { spiffeId: DB, pending: true },
        { spiffeId: DB, pending: true, refusal: "SVID_CHAIN" },
        { spiffeId: DB, refusal: "IDENTITY_REVOKED" },
      ].map((identity) => identityJson(identity, NOW).state);
      expect(states).to.deep.equal([
        "valid",
        "valid, renewing",
        "valid, renewing (SVID_NOT_YET_VALID)",
        "expired",
        "expired, renewing (SVID_CHAIN)",
        "revoked",
        "requested",
        "SVID_CHAIN",
        "IDENTITY_REVOKED",
      ]);
      expect(identityText([valid], NOW)).to.match(
        /valid +2026-11-22 04:01:00Z \(in 1m\) +#2 +0 +0a$/m,
      );
      expect(identityText([], NOW)).to.equal("No identity has been wanted yet.\n");
    });
  });

  describe("connections", () => {
    const connection = {
      id: 9n,
      role: "client",
      state: "open",
      localAddress: Buffer.of(10, 0, 0, 1),
      localPort: 40_000,
      peerAddress: Buffer.of(10, 0, 0, 2),
      peerPort: 80,
      localSpiffeId: "spiffe://example.org/shop/checkout",
      peerSpiffeId: DB,
      cipher: "TLS_AES_128_GCM_SHA256",
      ageMs: 65_000n,
      txBytes: 100n,
      rxBytes: 2048n,
      pid: 77,
    } as const;

    it("show both SPIFFE IDs, the cipher, age and bytes", () => {
      const [, first, second] = connectionText([connection]).split("\n");
      expect(first).to.match(
        /^open +\S+checkout +→ +\S+db +AES_128_GCM_SHA256 +1m5s +100 B +2\.0 KiB +77$/,
      );
      expect(second).to.match(/^ +10\.0\.0\.1:40000 +10\.0\.0\.2:80$/);
    });

    it("are JSON with the TLS version", () => {
      expect(connectionJson(connection)).to.include({
        tls: "TLSv1.3",
        local: "10.0.0.1:40000",
        peerSpiffeId: DB,
        rxBytes: 2048,
        alpn: null,
      });
      expect(connectionJson({ id: 1n }).tls).to.equal(null);
    });
  });

  describe("drain", () => {
    it("says that the module can be removed, or what keeps it loaded", () => {
      expect(drainedText({})).to.contain("rmmod signet");
      expect(drainedText({ registered: true, connections: 2 }))
        .to.contain("the agent, which must stop\n")
        .and.to.contain("protected connections, which must end: 2\n")
        .and.not.to.contain("rmmod");
      expect(drainedText({ held: 1 }))
        .to.contain("to be drained again: 1\n")
        .and.not.to.contain("rmmod");
      expect(drainedJson({ connections: 2, held: 1 })).to.deep.equal({
        agentRegistered: false,
        connections: 2,
        socketsHeld: 1,
      });
    });
  });
});
