// SPDX-License-Identifier: Apache-2.0

import { KeyObject } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, type Client, type ClientReadableStream } from "@grpc/grpc-js";
import {
  AdminService,
  AttestationService,
  fetchPinnedRoot,
  fromGrpcError,
  NodeService,
  signerChannelCredentials,
  toPem,
  type messages,
} from "@signet/contract";
import { systemClock, type Clock } from "@signet/runtime/clock.js";
import { LOG_LEVELS } from "@signet/runtime/log-levels.js";
import { createLog } from "@signet/runtime/log.js";
import type { VaultServer } from "../../test/vault/server.js";
import type { AuditSink } from "../src/audit-file.js";
import { loadConfig } from "../src/config/load.js";
import type { SignerConfig } from "../src/config/schema.js";
import { startSigner, type Signer } from "../src/signer.js";
import { makeRequest } from "./certificate-requests.js";

export const TRUST_DOMAIN = "signer.test";

type Callback = (error: unknown, response?: unknown) => void;
type Method = (request: object, callback: Callback) => unknown;

/** Makes one call of a client by the method's name; its error is a SignetError. */
export function ask<Response>(client: Client, method: string, request: object): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = (client as unknown as Record<string, Method>)[method];
    call?.call(client, request, (error, response) => {
      if (error !== null && error !== undefined) reject(fromGrpcError(error));
      else resolve(response as Response);
    });
  });
}

/** A node that has joined, as an agent would be. */
export class JoinedNode {
  readonly client: InstanceType<typeof NodeService>;

  constructor(
    readonly certificate: messages.NodeCertificate,
    readonly privateKey: KeyObject,
    port: number,
  ) {
    const { chain, controlPlane } = certificate;
    const identity = {
      chain: Buffer.from(chain.map(toPem).join("")),
      key: Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" })),
    };
    const roots = Buffer.from((controlPlane?.roots ?? []).map(toPem).join(""));
    const trust = { roots, identity, trustDomain: TRUST_DOMAIN };
    this.client = new NodeService(`127.0.0.1:${port}`, signerChannelCredentials(trust));
  }

  /** Asks for certificates. */
  async sign(...requests: messages.SvidRequestInput[]): Promise<messages.SvidResult[]> {
    const answer = await ask<messages.SignSvidsResponse>(this.client, "SignSvids", { requests });
    return answer.results;
  }

  /** The code of the refusal of one request, or "signed". */
  async outcome(entryId: string, csr: Buffer): Promise<string> {
    const [result] = await this.sign({ entryId, csr });
    return result?.refusal?.code ?? (result?.svid ? "signed" : "nothing");
  }

  /** Asks for a new certificate of its own. */
  async renew(csr: Buffer): Promise<messages.NodeCertificate> {
    const method = "RenewNodeCertificate";
    const answer = await ask<messages.RenewNodeCertificateResponse>(this.client, method, { csr });
    if (!answer.certificate) throw new Error("no certificate");
    return answer.certificate;
  }

  /** Opens the sync stream. */
  sync(): SyncReader {
    return new SyncReader(this.client.Sync({}));
  }
}

/** Reads a sync stream step by step. */
export class SyncReader {
  readonly #stream: ClientReadableStream<messages.SyncUpdate>;
  readonly #updates: messages.SyncUpdate[] = [];
  #wake: () => void = () => undefined;
  /** What the stream ended with, once it has. */
  error: Error | undefined;

  constructor(stream: ClientReadableStream<messages.SyncUpdate>) {
    this.#stream = stream;
    stream.on("data", (update: messages.SyncUpdate) => {
      this.#updates.push(update);
      this.#wake();
    });
    stream.on("error", (error) => {
      this.error = fromGrpcError(error);
      this.#wake();
    });
  }

  /** The next update. @throws SignetError what the stream ended with */
  async next(): Promise<messages.SyncUpdate> {
    for (;;) {
      const update = this.#updates.shift();
      if (update !== undefined) return update;
      if (this.error !== undefined) throw this.error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#stream.cancel();
  }
}

/** What a test may set of a signer. */
export interface RunOptions {
  readonly vaultAddress?: string;
  readonly config?: (config: SignerConfig) => void;
  readonly clock?: Clock;
  /** Where audit lines go beside the list; may throw. */
  readonly auditSink?: AuditSink;
}

/** A signer of a test: its files in a folder of its own, so that it can be started again. */
export class RunningSigner {
  readonly folder = mkdtempSync(join(tmpdir(), "signet-signer-"));
  readonly audit: Record<string, unknown>[] = [];
  /** The lines of its log. */
  readonly logged: string[] = [];
  readonly #vault: VaultServer;
  readonly #options: RunOptions;
  #signer: Signer | undefined;
  #clients: Client[] = [];

  constructor(vault: VaultServer, options: RunOptions = {}) {
    this.#vault = vault;
    this.#options = options;
  }

  get signer(): Signer {
    if (this.#signer === undefined) throw new Error("the signer is not running");
    return this.#signer;
  }

  async start(): Promise<void> {
    const creds = join(this.folder, "credentials");
    await this.#vault.credentials(creds);
    const config = await loadConfig(undefined, {
      SIGNET_TRUST_DOMAIN: TRUST_DOMAIN,
      SIGNET_LISTEN_NODES: "127.0.0.1:0",
      SIGNET_LISTEN_ATTESTATION: "127.0.0.1:0",
      SIGNET_ADMIN_SOCKET: join(this.folder, "run", "admin.sock"),
      SIGNET_DATABASE_PATH: join(this.folder, "db", "signer.db"),
      SIGNET_VAULT_ADDRESS: this.#options.vaultAddress ?? this.#vault.address,
      SIGNET_VAULT_SIGNING_ROLE_ID_FILE: join(creds, "signing.role-id"),
      SIGNET_VAULT_SIGNING_WRAPPED_SECRET_ID_FILE: join(creds, "signing.wrapped-secret-id"),
      SIGNET_VAULT_REVOCATION_ROLE_ID_FILE: join(creds, "revocation.role-id"),
      SIGNET_VAULT_REVOCATION_WRAPPED_SECRET_ID_FILE: join(creds, "revocation.wrapped-secret-id"),
      SIGNET_SHUTDOWN_SECONDS: "1",
    });
    this.#options.config?.(config);
    const shown = LOG_LEVELS.find((one) => one === process.env["SIGNET_TEST_LOG"]);
    const write = (line: string): void => {
      this.logged.push(line);
      if (shown !== undefined) process.stdout.write(line);
    };
    this.#signer = await startSigner(config, {
      log: createLog("signer", shown ?? "info", { write }),
      auditSink: (line) => {
        this.#options.auditSink?.(line);
        this.audit.push(JSON.parse(line) as Record<string, unknown>);
      },
      clock: this.#options.clock ?? systemClock,
    });
  }

  /** Asks as an operator, through the Unix socket. */
  admin<Response>(method: string, request: object): Promise<Response> {
    const path = `unix:${join(this.folder, "run", "admin.sock")}`;
    const client = this.#kept(new AdminService(path, credentials.createInsecure()));
    return ask<Response>(client, method, request);
  }

  async token(nodeId: string, groups: string[] = []): Promise<string> {
    const request = { nodeId, groups };
    return (await this.admin<messages.CreateTokenResponse>("CreateToken", request)).token;
  }

  /** The control plane's root, DER, as a joining node gets it. */
  root(): Promise<Buffer> {
    const { ports, caSha256 } = this.signer;
    return fetchPinnedRoot({ host: "127.0.0.1", port: ports.attestation }, caSha256);
  }

  /** Begins to attest. What the call fails with is left to its caller. */
  async attesting() {
    const roots = Buffer.from(toPem(await this.root()));
    const trust = signerChannelCredentials({ roots, trustDomain: TRUST_DOMAIN });
    const address = `127.0.0.1:${this.signer.ports.attestation}`;
    const call = this.#kept(new AttestationService(address, trust)).Attest();
    return call.on("error", () => undefined);
  }

  /** Shows a token. @throws SignetError */
  async attest(token: string, csr: Buffer): Promise<messages.NodeCertificate> {
    const call = await this.attesting();
    call.write({ joinToken: { token, csr } });
    try {
      const [response] = (await once(call, "data")) as [messages.AttestResponse];
      call.end();
      if (!response.certificate) throw new Error("no certificate");
      return response.certificate;
    } catch (error) {
      throw fromGrpcError(error);
    }
  }

  /** Joins a node with a fresh token. */
  async join(nodeId: string, groups: string[] = []): Promise<JoinedNode> {
    const { csr, privateKey } = await makeRequest();
    return this.node(await this.attest(await this.token(nodeId, groups), csr), privateKey);
  }

  /** A node with a certificate that it has. */
  node(certificate: messages.NodeCertificate, privateKey: KeyObject): JoinedNode {
    const node = new JoinedNode(certificate, privateKey, this.signer.ports.nodes);
    this.#kept(node.client);
    return node;
  }

  async apply(...contents: string[]): Promise<messages.ApplyResponse> {
    const documents = contents.map((content, i) => ({ file: `${i}.yaml`, content }));
    return this.admin("Apply", { documents });
  }

  /** The ID of the entry with a name. */
  async entry(name: string): Promise<string> {
    const { entries } = await this.admin<messages.ListEntriesResponse>("ListEntries", {});
    return entries.find((entry) => entry.name === name)?.id ?? "";
  }

  /** A certificate of the entry with a name, as a node gets it. @throws Error the refusal's code */
  async svid(node: JoinedNode, name: string): Promise<messages.Svid> {
    const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/${name}`] });
    const [result] = await node.sign({ entryId: await this.entry(name), csr });
    if (!result?.svid) throw new Error(result?.refusal?.code ?? "no result");
    return result.svid;
  }

  /** The certificates of a SPIFFE ID in the ledger, the newest first. */
  async certificates(spiffeId: string): Promise<messages.Certificate[]> {
    const method = "ListCertificates";
    const request = { spiffeId };
    return (await this.admin<messages.ListCertificatesResponse>(method, request)).certificates;
  }

  async unban(spiffeId: string): Promise<void> {
    await this.admin<messages.UnbanResponse>("Unban", { spiffeId });
  }

  async revoke(what: messages.RevokeRequestInput): Promise<messages.RevokeResponse> {
    return this.admin("Revoke", { ...what, reason: "test" });
  }

  /** Stops, keeping the files. */
  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    const signer = this.#signer;
    this.#signer = undefined;
    await signer?.stop();
  }

  /** Stops, and removes the files. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #kept<T extends Client>(client: T): T {
    this.#clients.push(client);
    return client;
  }
}

/** A Workload document. */
export function workload(name: string, group: string, ttl = "1h"): string {
  return `
apiVersion: signet/v1
kind: Workload
metadata: {name: ${name}}
spec:
  spiffeId: /app/${name}
  nodes: [{"node:group": ${group}}]
  selectors: [{process:binary:path: /usr/bin/${name}, process:uid: 1001}]
  ttl: ${ttl}
`;
}

/** Waits until something holds. */
export async function eventually(what: () => Promise<boolean> | boolean, ms = 5_000) {
  const deadline = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
