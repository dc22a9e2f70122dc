// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from "node:crypto";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { checkSvid, NodeService } from "@signet/contract";
import { Authority, type LeafOptions } from "../../../contract/test/authority.js";
import {
  credentialsFrom,
  type IssuedCredentials,
  type NodeCredentials,
} from "../../src/signer/node-credentials.js";

const TRUST_DOMAIN = "demo.test";
const ID = `spiffe://${TRUST_DOMAIN}/signet`;

/** A gRPC server that nodes take for a signer, and that says what a test wants. */
export class TestSigner {
  private constructor(
    private readonly server: Server,
    private readonly root: Authority,
    /** "host:port" */
    readonly address: string,
  ) {}

  /** @param handlers Of NodeService; what a test doesn't need may be left out. */
  static async start(handlers: UntypedServiceImplementation): Promise<TestSigner> {
    const root = await Authority.create("control root");
    const { pem, key } = await root.leaf(`${ID}/signer`);
    const pair = { cert_chain: Buffer.from(pem), private_key: Buffer.from(key) };
    const secured = ServerCredentials.createSsl(Buffer.from(root.pem), [pair], true);
    const server = new Server();
    server.addService(NodeService.service, handlers);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", secured, (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return new TestSigner(server, root, `127.0.0.1:${String(port)}`);
  }

  serialOf(credentials: IssuedCredentials): string {
    return checkSvid(new X509Certificate(credentials.chain).raw).serial;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  /** What it would give to a node, checked as of `now`. */
  async issue(nodeId: string, how: LeafOptions = {}, now = new Date()): Promise<IssuedCredentials> {
    const { der, key } = await this.root.leaf(`${ID}/node/${nodeId}`, how);
    const answer = { chain: [der], trustDomain: TRUST_DOMAIN, nodeId, controlPlane: null };
    return credentialsFrom(answer, createPrivateKey(key), [this.root.der], now);
  }

  /** Credentials of a node that joined with a token of this hash. */
  async credentials(nodeId: string, tokenHash = "", how?: LeafOptions): Promise<NodeCredentials> {
    return { ...(await this.issue(nodeId, how, how?.notBefore)), tokenHash };
  }
}
