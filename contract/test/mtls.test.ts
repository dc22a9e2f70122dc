// SPDX-License-Identifier: Apache-2.0

import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { expect } from "chai";
import { certificatePin, fetchPinnedRoot } from "../src/ca-pin.js";
import { fromGrpcError, toGrpcStatus } from "../src/grpc-errors.js";
import {
  peerSvid,
  SIGNER_CHANNEL_OPTIONS,
  signerChannelCredentials,
  type SignerTrust,
} from "../src/mtls.js";
import { fromPem, toPem } from "../src/pem.js";
import { AdminService } from "../src/proto.js";
import { SignetError } from "../src/signet-error.js";
import { Authority, type Credential } from "./authority.js";

const ADMIN = "spiffe://example.org/signet/admin/ada";

describe("mTLS to a signer", () => {
  let root: Authority;
  let issuer: Authority;
  let admin: Credential;
  const servers: Server[] = [];

  before(async () => {
    root = await Authority.create("control root");
    issuer = await root.issuer("control issuer");
    admin = await issuer.leaf(ADMIN);
  });

  after(() => {
    for (const server of servers) server.forceShutdown();
  });

  /** A server that answers with the caller's SPIFFE ID as the name of its one node. */
  async function serve(credential: Credential, requireClient = true): Promise<number> {
    const server = new Server();
    server.addService(AdminService.service, {
      ListNodes: (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
        try {
          done(null, { nodes: [{ spiffeId: peerSvid(call.getAuthContext()).spiffeId }] });
        } catch (error) {
          done(toGrpcStatus(error));
        }
      },
    });
    servers.push(server);
    const chain = Buffer.from(credential.pem + issuer.pem + root.pem);
    const secured = ServerCredentials.createSsl(
      Buffer.from(root.pem),
      [{ cert_chain: chain, private_key: Buffer.from(credential.key) }],
      requireClient,
    );
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", secured, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  const trust = (over: Partial<SignerTrust> = {}): SignerTrust => ({
    roots: Buffer.from(root.pem),
    trustDomain: "example.org",
    identity: { chain: Buffer.from(admin.pem + issuer.pem), key: Buffer.from(admin.key) },
    ...over,
  });

  async function ask(port: number, how: SignerTrust): Promise<string | undefined> {
    const client = new AdminService(
      `127.0.0.1:${port}`,
      signerChannelCredentials(how),
      SIGNER_CHANNEL_OPTIONS,
    );
    try {
      return await new Promise((resolve, reject) =>
        client.listNodes({}, { deadline: Date.now() + 5000 }, (error, response) =>
          error ? reject(fromGrpcError(error)) : resolve(response?.nodes[0]?.spiffeId),
        ),
      );
    } finally {
      client.close();
    }
  }

  async function refusal(port: number, how: SignerTrust): Promise<string> {
    try {
      return `let through as ${String(await ask(port, how))}`;
    } catch (error) {
      return SignetError.from(error).code;
    }
  }

  it("shows each side the other's SPIFFE ID", async () => {
    const port = await serve(await issuer.leaf("spiffe://example.org/signet/signer"));
    expect(await ask(port, trust())).to.equal(ADMIN);
  });

  it("is refused to a server that is a node, a workload or another domain's signer", async () => {
    for (const path of [
      "example.org/signet/node/a",
      "example.org/shop/db",
      "other.org/signet/signer",
    ]) {
      const port = await serve(await issuer.leaf(`spiffe://${path}`));
      expect(await refusal(port, trust()), path).to.equal("SIGNER_NOT_TRUSTED");
    }
  });

  it("is refused to a server under another root", async () => {
    const port = await serve(await issuer.leaf("spiffe://example.org/signet/signer"));
    const other = await Authority.create("control root");
    const code = await refusal(port, trust({ roots: Buffer.from(other.pem) }));
    expect(code).to.equal("SIGNER_NOT_TRUSTED");
  });

  it("is refused to a client without a certificate where the server asks for one by itself", async () => {
    const port = await serve(await issuer.leaf("spiffe://example.org/signet/signer"), false);
    expect(await refusal(port, trust({ identity: undefined }))).to.equal("PEER_UNAUTHENTICATED");
  });

  describe("CA pin", () => {
    it("finds the root that it names in what the server shows", async () => {
      const port = await serve(await issuer.leaf("spiffe://example.org/signet/signer"), false);
      const pin = certificatePin(root.der);
      const found = await fetchPinnedRoot({ host: "127.0.0.1", port }, pin);
      expect(found).to.deep.equal(root.der);
      const roots = Buffer.from(toPem(found));
      expect(fromPem(roots.toString())).to.deep.equal([root.der]);
      expect(await refusal(port, trust({ roots, identity: undefined }))).to.equal(
        "PEER_UNAUTHENTICATED",
      );
    });

    it("refuses a server that shows no such root", async () => {
      const port = await serve(await issuer.leaf("spiffe://example.org/signet/signer"), false);
      const other = await Authority.create("control root");
      const error: unknown = await fetchPinnedRoot(
        { host: "127.0.0.1", port },
        certificatePin(other.der),
      ).catch((reason: unknown) => reason);
      expect(error).to.have.property("code", "CA_PIN_MISMATCH");
    });

    it("refuses a pin that is no SHA-256, and says when nobody answers", async () => {
      const codes = await Promise.all(
        ["abcd", "0".repeat(64)].map((pin) =>
          fetchPinnedRoot({ host: "127.0.0.1", port: 1 }, pin).catch(
            (error: unknown) => SignetError.from(error).code,
          ),
        ),
      );
      expect(codes).to.deep.equal(["REQUEST_INVALID", "SIGNER_UNAVAILABLE"]);
    });
  });
});
