// SPDX-License-Identifier: Apache-2.0
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { messages } from "@signet/contract";
import { expect } from "chai";
import { SignerClient } from "../../src/signer/signer-client.js";
import { ban, snapshot, update } from "../sync/states.js";
import { TestSigner } from "./test-signer.js";
import { TcpGate } from "../../../runtime/test/tcp-gate.js";

describe("a signer's client", () => {
  it("takes a snapshot of many revocations", async () => {
    const reason = "x".repeat(256);
    const revocations = Array.from({ length: 20_000 }, (_, i) => ({
      ...ban(String(i + 1), "/web"),
      reason,
    }));
    const signer = await TestSigner.start({
      Sync: (call: ServerWritableStream<unknown, messages.SyncUpdateInput>) => {
        call.write(update(1, { snapshot: snapshot({ revocations }) }));
      },
    });
    let received = 0;
    const client = new SignerClient(signer.address, await signer.credentials("web-1"));
    try {
      const stream = client.sync({}, new AbortController().signal);
      for await (const step of stream) {
        received = step.snapshot?.revocations.length ?? 0;
        break;
      }
      expect(received).to.equal(revocations.length);
    } finally {
      client.close();
      signer.stop();
    }
  });

  it("leaves a connection that nothing gets through any more for another", async function () {
    this.timeout(60_000);
    const signer = await TestSigner.start({
      SignSvids: (_: unknown, answer: (error: null, response: object) => void) => {
        answer(null, { results: [] });
      },
    });
    const gate = await TcpGate.to(Number(signer.address.replace(/.*:/, "")));
    const credentials = await signer.credentials("web-1");
    const client = new SignerClient(`127.0.0.1:${String(gate.port)}`, credentials);
    try {
      await client.signSvids([]);
      gate.silence();
      const outcomes: string[] = [];
      for (let call = 0; call < 4 && outcomes.at(-1) !== "signed"; call++) {
        const outcome = client.signSvids([]).then(
          () => "signed",
          () => "lost",
        );
        outcomes.push(await outcome);
      }
      expect(outcomes.slice(-2)).to.deep.equal(["lost", "signed"]);
    } finally {
      client.close();
      await gate.close();
      signer.stop();
    }
  });
});
