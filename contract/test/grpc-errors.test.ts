// SPDX-License-Identifier: Apache-2.0

import {
  Metadata,
  Server,
  ServerCredentials,
  credentials,
  status,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { expect } from "chai";
import { ERRORS, type ErrorCode } from "../src/error-codes.js";
import { fromGrpcError, toGrpcStatus } from "../src/grpc-errors.js";
import type { AdminServiceClient } from "../src/generated/messages.js";
import { AdminService } from "../src/proto.js";
import { SignetError, type FieldFault } from "../src/signet-error.js";

const fault: FieldFault = {
  file: "db.yaml",
  line: 3,
  column: 7,
  field: "spec.ttl",
  message: "is no duration",
  code: "DOCUMENT_FIELD_INVALID",
};

describe("errors over gRPC", () => {
  let server: Server;
  let client: AdminServiceClient;
  let failure: unknown;

  before(async () => {
    server = new Server();
    server.addService(AdminService.service, {
      ListNodes: (_call: unknown, done: sendUnaryData<unknown>) => done(toGrpcStatus(failure)),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    client = new AdminService(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  after(() => {
    client.close();
    server.forceShutdown();
  });

  async function received(error: unknown): Promise<SignetError> {
    failure = error;
    const raised = await new Promise<unknown>((resolve) => client.listNodes({}, resolve));
    return fromGrpcError(raised);
  }

  it("arrive with code, message and faults, for every code", async () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = await received(new SignetError(code, "as it was said", { faults: [fault] }));
      expect(error.code).to.equal(code);
      const secret = code === "INTERNAL";
      expect(error.message).to.equal(secret ? ERRORS.INTERNAL.sentence : "as it was said");
      expect(error.faults).to.deep.equal(secret ? [] : [fault]);
    }
  });

  it("tell the peer nothing of a failure inside", () => {
    const inside = new Error("password is hunter2");
    for (const error of [inside, new SignetError("INTERNAL", inside.message, { cause: inside })]) {
      const sent = toGrpcStatus(error);
      const bytes = Buffer.concat(sent.metadata.get("grpc-status-details-bin") as Buffer[]);
      expect(sent.code).to.equal(status.INTERNAL);
      expect(`${sent.details}${bytes.toString("latin1")}`).not.to.contain("hunter2");
    }
  });

  it("from a server that sends no details are told by their status", () => {
    const raised = (code: status, details: string) =>
      fromGrpcError(Object.assign(new Error(details), { code, details, metadata: new Metadata() }));
    expect(raised(status.UNAVAILABLE, "down").code).to.equal("SIGNER_UNAVAILABLE");
    expect(raised(status.DEADLINE_EXCEEDED, "late").code).to.equal("DEADLINE_EXCEEDED");
    expect(raised(status.UNIMPLEMENTED, "what").code).to.equal("NOT_BUILT");
    expect(raised(status.DATA_LOSS, "odd").code).to.equal("INTERNAL");
  });

  it("with details that cannot be read are told by their status", () => {
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from("ff00ff", "hex"));
    const raised = { code: status.CANCELLED, details: "gone", metadata };
    expect(fromGrpcError(Object.assign(new Error("gone"), raised)).code).to.equal("CANCELLED");
  });

  it("of a server that is not there are SIGNER_UNAVAILABLE", async () => {
    const nobody = new AdminService("127.0.0.1:1", credentials.createInsecure());
    const raised = await new Promise<unknown>((resolve) => nobody.listNodes({}, resolve));
    nobody.close();
    expect(fromGrpcError(raised).code).to.equal("SIGNER_UNAVAILABLE");
  });
});
