// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { eventJson, eventText, type ConnectionEvent } from "../src/connection-event.js";

const event: ConnectionEvent = {
  id: 3n,
  eventKind: "refused",
  role: "server",
  localAddress: Buffer.of(10, 0, 0, 1),
  localPort: 80,
  peerAddress: Buffer.of(10, 0, 0, 2),
  peerPort: 40_000,
  localSpiffeId: "spiffe://demo.test/demo/web",
  reason: "peer-no-certificate",
  alert: 116,
};

describe("connection event", () => {
  it("says who with whom, why, and what helps", () => {
    const lines = eventText(event).split("\n");
    expect(lines[0]).to.equal("refused: spiffe://demo.test/demo/web ← 10.0.0.2:40000");
    expect(lines[1]).to.contain("[peer-no-certificate, EKEYREJECTED, alert 116]");
    expect(lines[2]).to.match(/^ {2}help: /);
  });

  it("says no more of what is not wrong", () => {
    const opened = eventText({ ...event, eventKind: "opened", reason: "none" });
    expect(opened).to.equal("opened: spiffe://demo.test/demo/web ← 10.0.0.2:40000\n");
  });

  it("is JSON with every fact", () => {
    expect(eventJson(event)).to.include({
      event: "refused",
      id: 3,
      peer: "10.0.0.2:40000",
      reason: "peer-no-certificate",
      alert: 116,
      peerSpiffeId: null,
    });
  });
});
