// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ControlPlane, type JoinedNode, type VaultLogin } from "./control-plane.js";
import type { Host, Machines, Outcome } from "./host.js";
import { Node } from "./node.js";
import { until } from "./until.js";
import { freePort } from "../vault/server.js";

/** What a mesh is made of. */
export interface MeshOptions {
  readonly machines: Machines;
  readonly vault: VaultLogin;
  readonly trustDomain: string;
  /** A folder of this machine that the hosts see. */
  readonly folder: string;
  /** The hosts that get module and agent. */
  readonly nodes: readonly string[];
}

/** A protected connection, as `signet connections --json` shows it. */
export interface Connection {
  readonly role: string;
  readonly state: string;
  readonly localSpiffeId: string;
  readonly peerSpiffeId: string;
  readonly cipher: string;
  readonly group: string;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** An identity that a kernel holds, as `signet status --json` shows it. */
export interface Identity {
  readonly spiffeId: string;
  /** "valid", or what is wrong: a code of docs/errors.md where there is none. */
  readonly state: string;
  readonly requestPending: boolean;
  readonly serial: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** DER in base64, leaf first, without the root. */
  readonly chain: readonly string[];
}

/** `signet status --json`. */
export interface NodeStatus {
  readonly revision: number;
  /** Blocked by the module, but not closed yet. */
  readonly sessionsEnding: number;
  readonly identities: readonly Identity[];
}

/** Vault, a signer, and hosts with module and agent: everything, on one machine. */
export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const { machines, vault, trustDomain, folder } = options;
  const listenAddress = machines.serverAddress;
  const ports = [await freePort(listenAddress), await freePort(listenAddress)] as const;
  const control = new ControlPlane({ vault, trustDomain, folder, listenAddress }, ports);
  const mesh = new Mesh(options, control);
  try {
    await control.configureVault();
    await control.start();
    await mesh.join();
  } catch (error) {
    await mesh.stop();
    throw error;
  }
  return mesh;
}

export class Mesh {
  readonly machines: Machines;
  readonly control: ControlPlane;
  readonly until = until;
  readonly #options: MeshOptions;
  readonly #nodes = new Map<string, Node>();

  constructor(options: MeshOptions, control: ControlPlane) {
    this.machines = options.machines;
    this.control = control;
    this.#options = options;
  }

  /** Loads the module on every node and joins it. */
  async join(): Promise<void> {
    const { machines, nodes, trustDomain, folder } = this.#options;
    await machines.loadModule(nodes);
    await Promise.all(
      nodes.map(async (name) => {
        const node = new Node({
          host: this.host(name),
          control: this.control,
          trustDomain,
          signerAddress: machines.gatewayAddress,
          folder,
          bindNetns: !machines.ownKernels,
        });
        this.#nodes.set(name, node);
        await node.join();
      }),
    );
  }

  /** The folder of this machine that holds the files of signer, operator and nodes. */
  get folder(): string {
    return this.#options.folder;
  }

  /** @throws Error when no host has that name */
  host(name: string): Host {
    const host = this.machines.hosts.get(name);
    if (host === undefined) throw new Error(`no host is called ${name}`);
    return host;
  }

  /** @throws Error when no node has that name */
  node(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node is called ${name}`);
    return node;
  }

  /** Runs `signet apply` on YAML documents. */
  async apply(documents: string): Promise<Outcome> {
    const file = join(this.#options.folder, "documents.yaml");
    await writeFile(file, documents);
    return this.control.signet("apply", "-f", file);
  }

  /** Applies documents, which must be right, and waits until every node's kernel has them. */
  async enforce(documents: string): Promise<void> {
    const { status, stderr } = await this.apply(documents);
    if (status !== 0) throw new Error(`signet apply: ${stderr}`);
    await this.policyInForce();
  }

  /** Waits until every node's kernel has what the signer sent it last. */
  async policyInForce(): Promise<void> {
    const revision = (node: JoinedNode) => this.counter(node.id, "policy-revision");
    await until("the policy is in force on every node", async () => {
      const nodes = await this.control.nodes();
      const here = await Promise.all(nodes.map(revision));
      return nodes.every((node, index) => node.revision > 0 && here[index] === node.revision);
    });
  }

  /** The protected connections of a node. */
  async connections(name: string): Promise<readonly Connection[]> {
    return this.node(name).signetJson<Connection[]>("connections");
  }

  /** An identity that a node's kernel holds. */
  async identity(name: string, spiffeId: string): Promise<Identity> {
    const { identities } = await this.node(name).signetJson<NodeStatus>("status");
    const identity = identities.find((candidate) => candidate.spiffeId === spiffeId);
    if (identity === undefined) throw new Error(`${name} holds no ${spiffeId}`);
    return identity;
  }

  /**
   * The serials of the certificates that were issued for an identity, newest first; the first is
   * what its kernels use, or will in a moment.
   */
  async serials(spiffeId: string): Promise<readonly string[]> {
    const issued = await this.control.signetJson<{ serial: string }[]>(
      ...["certificate", "list", "--spiffe-id", spiffeId],
    );
    return issued.map(({ serial }) => serial);
  }

  /** A counter of a node's module (/proc/net/signet_stat). */
  async counter(name: string, counter: string): Promise<number> {
    const counters = await this.#counters(name);
    const value = counters.get(counter);
    if (value === undefined) throw new Error(`${name} has no counter ${counter}`);
    return value;
  }

  /** Why a node's module has refused connections, and how often, such as "limit 2". */
  async refusals(name: string): Promise<readonly string[]> {
    return [...(await this.#counters(name))]
      .filter(([counter, value]) => counter.startsWith("refused-") && value > 0)
      .map(([counter, value]) => `${counter.slice("refused-".length)} ${String(value)}`);
  }

  async #counters(name: string): Promise<ReadonlyMap<string, number>> {
    const { stdout } = await this.host(name).run(["cat", "/proc/net/signet_stat"]);
    const lines = stdout.trim().split("\n");
    return new Map(lines.map((line) => [line.replace(/ .*/, ""), Number(line.replace(/.* /, ""))]));
  }

  /** The last lines that signer and agents have logged. */
  lastLogged(): string {
    const logs = [...this.#nodes].map(([name, node]) => [name, node.log()] as const);
    return [["signer", this.control.log()] as const, ...logs]
      .flatMap(([name, log]) =>
        log
          .trim()
          .split("\n")
          .slice(-5)
          .map((line) => `${name}: ${line}`),
      )
      .join("\n");
  }

  /** Ends agents and signer; the machines stay. */
  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) await node.killAgent();
    await this.control.stop();
  }
}
