// SPDX-License-Identifier: Apache-2.0

import { chmodSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  AdminService,
  AttestationService,
  KEEPALIVE,
  NodeService,
  SignetError,
  type messages,
} from "@signet/contract";
import { HealthImplementation } from "grpc-health-check";
import { decodingToErrors, refuseUndecodable } from "./undecodable.js";

/** What each listener serves, and with what credentials. */
export interface ListenersParts {
  readonly nodes: { address: string; credentials: ServerCredentials };
  readonly attestation: { address: string; credentials: ServerCredentials };
  /** Path of the Unix socket; "" for none. */
  readonly adminSocket: string;
  readonly nodeHandlers: messages.NodeServiceHandlers;
  readonly attestationHandlers: messages.AttestationServiceHandlers;
  readonly adminHandlers: messages.AdminServiceHandlers;
  readonly socketHandlers: messages.AdminServiceHandlers;
}

/** The ports that were bound. */
export interface Ports {
  readonly nodes: number;
  readonly attestation: number;
}

const OPTIONS = {
  ...KEEPALIVE,
  "grpc.max_concurrent_streams": 256,
};
const SMALL = 64 * 1024;
const LARGE = 4 * 1024 * 1024;

function limited(bytes: number) {
  const interceptors = [refuseUndecodable];
  return { ...OPTIONS, "grpc.max_receive_message_length": bytes, interceptors };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause === null) resolve(port);
      else
        reject(new SignetError("CONFIG_INVALID", `${address} cannot be listened on.`, { cause }));
    });
  });
}

/** The signer's three listeners: nodes and administrators by mTLS, joining nodes, the admin socket. */
export class Listeners {
  readonly #servers: Server[] = [];
  readonly #health = new HealthImplementation({ "": "NOT_SERVING" });

  /** Opens them all. @throws SignetError CONFIG_INVALID */
  async open(parts: ListenersParts): Promise<Ports> {
    const nodes = this.#server(LARGE);
    nodes.addService(decodingToErrors(NodeService.service), { ...parts.nodeHandlers });
    nodes.addService(decodingToErrors(AdminService.service), { ...parts.adminHandlers });
    const attestation = this.#server(SMALL);
    attestation.addService(decodingToErrors(AttestationService.service), {
      ...parts.attestationHandlers,
    });
    const ports = {
      nodes: await bind(nodes, parts.nodes.address, parts.nodes.credentials),
      attestation: await bind(
        attestation,
        parts.attestation.address,
        parts.attestation.credentials,
      ),
    };
    // Last: where it is, everything is.
    if (parts.adminSocket !== "") {
      const admin = this.#server(LARGE);
      admin.addService(decodingToErrors(AdminService.service), { ...parts.socketHandlers });
      await bindSocket(admin, parts.adminSocket);
    }
    this.#health.setStatus("", "SERVING");
    return ports;
  }

  /** Takes no new calls, lets those under way finish for a while, then ends them. */
  async close(graceMs: number): Promise<void> {
    this.#health.setStatus("", "NOT_SERVING");
    await Promise.all(this.#servers.map((server) => stop(server, graceMs)));
  }

  #server(largest: number): Server {
    const server = new Server(limited(largest));
    this.#health.addToServer(server);
    this.#servers.push(server);
    return server;
  }
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}

/** The directory keeps others out from before the socket is there. */
async function bindSocket(server: Server, path: string): Promise<void> {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { mode, uid } = lstatSync(directory);
  if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
    throw new SignetError(
      "CONFIG_INVALID",
      `listen.adminSocket: ${directory} must belong to the signer's user and be closed to others (mode 0700)`,
    );
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
  await bind(server, `unix:${path}`, ServerCredentials.createInsecure());
  chmodSync(path, 0o600);
}
