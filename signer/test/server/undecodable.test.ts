// SPDX-License-Identifier: Apache-2.0

import { Client, credentials, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { expect } from "chai";
import {
  AdminService,
  AttestationService,
  fromGrpcError,
  NodeService,
  type messages,
  type SignetError,
} from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { AttestationService as Attestation } from "../../src/services/attestation-service.js";
import { Audit } from "../../src/audit.js";
import { Listeners, type Ports } from "../../src/server/listeners.js";

// A field of a wire type that there is none.
const UNDECODABLE = Buffer.of(0x0f);

describe("a request that is not a message of its type", () => {
  const listeners = new Listeners();
  let ports: Ports;

  before(async () => {
    // A handler that is reached would never answer.
    const handlers = (service: object) =>
      Object.fromEntries(Object.keys(service).map((name) => [name, () => undefined]));
    const attestation = new Attestation({
      attestors: [],
      certificates: undefined as never,
      audit: new Audit(() => undefined, systemClock),
      onJoined: () => undefined,
    });
    const plain = () => ({
      address: "127.0.0.1:0",
      credentials: ServerCredentials.createInsecure(),
    });
    const admin = handlers(AdminService.service) as unknown as messages.AdminServiceHandlers;
    ports = await listeners.open({
      nodes: plain(),
      attestation: plain(),
      adminSocket: "",
      nodeHandlers: handlers(NodeService.service) as unknown as messages.NodeServiceHandlers,
      attestationHandlers: attestation.handlers(),
      adminHandlers: admin,
      socketHandlers: admin,
    });
  });

  after(() => listeners.close(0));

  function answer(port: number, path: string): Promise<SignetError> {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const deadline = { deadline: Date.now() + 2_000 };
    return new Promise<SignetError>((resolve) => {
      const done = (error: ServiceError | null) => resolve(fromGrpcError(error));
      client.makeUnaryRequest(path, same, same, UNDECODABLE, deadline, done);
    }).finally(() => client.close());
  }

  for (const [service, port] of [
    [NodeService.service, "nodes"],
    [AdminService.service, "nodes"],
    [AttestationService.service, "attestation"],
  ] as const) {
    for (const [name, { path }] of Object.entries(service)) {
      it(`is REQUEST_INVALID to ${path}`, async () => {
        const error = await answer(ports[port], path);
        expect(error.code).to.equal("REQUEST_INVALID");
        expect(error.message).to.include(name);
        expect(error.info.help).to.match(/^Correct/);
      });
    }
  }
});
