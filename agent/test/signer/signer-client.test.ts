// SPDX-License-Identifier: Apache-2.0
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { messages } from "@signet/contract";
import { expect } from "chai";
import { SignerClient } from "../../src/signer/signer-client.js";
import { ban, snapshot, update } from "../sync/states.js";
import { TestSigner } from "./test-signer.js";

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
});
