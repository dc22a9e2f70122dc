// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { applyVaultConfig, Vault, writeCredentials } from "@signet/vault-config";

import { call, withAdmin } from "../../cli/src/signer-connection.js";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import type { Outcome } from "./host.js";
import { until } from "./until.js";

const exec = promisify(execFile);

/** Where Vault is, and the token of its operator. */
export interface VaultLogin {
  readonly address: string;
  readonly token: string;
}

/** What a control plane is started with. */
export interface ControlPlaneOptions {
  readonly vault: VaultLogin;
  readonly trustDomain: string;
  /** Where its files go; made if need be. */
  readonly folder: string;
  /** Address that nodes can reach. */
  readonly listenAddress: string;
}

/** A node that the signer knows. */
export interface JoinedNode {
  readonly id: string;
  readonly connected: boolean;
  readonly revision: number;
}

/** A signer as its own process, with credentials that an operator's Vault gave it. */
export class ControlPlane {
  readonly nodePort: number;
  readonly attestationPort: number;
  readonly #options: ControlPlaneOptions;
  readonly #socket: string;
  readonly #log: string;
  #signer: ChildProcess | undefined;

  constructor(options: ControlPlaneOptions, ports: readonly [number, number]) {
    this.#options = options;
    [this.nodePort, this.attestationPort] = ports;
    this.#socket = join(options.folder, "signer", "admin.sock");
    this.#log = join(options.folder, "signer", "signer.log");
  }

  /** Applies vault-config to Vault; running it again changes nothing. */
  async configureVault(): Promise<void> {
    const vault = new Vault({ ...this.#options.vault });
    await applyVaultConfig(vault, this.#options.trustDomain, () => undefined);
  }

  /** Starts the signer and waits until it serves. */
  async start(): Promise<void> {
    const { folder, listenAddress, trustDomain, vault } = this.#options;
    const credentials = join(folder, "credentials");
    await writeCredentials(new Vault({ ...vault }), credentials, 600);
    await mkdir(join(folder, "signer"), { recursive: true, mode: 0o700 });
    const config = {
      trustDomain,
      listen: {
        nodes: `${listenAddress}:${String(this.nodePort)}`,
        attestation: `${listenAddress}:${String(this.attestationPort)}`,
        adminSocket: this.#socket,
      },
      database: { path: join(folder, "signer", "signer.db") },
      vault: {
        address: vault.address,
        signing: appRole(credentials, "signing"),
        revocation: appRole(credentials, "revocation"),
      },
      audit: { file: join(folder, "signer", "audit.jsonl") },
    };
    const file = join(folder, "signer", "signer.json");
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    this.#signer = spawn(
      process.execPath,
      [join(repositoryRoot, "signer/dist/main.js"), "--config", file],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#signer.stderr?.pipe(createWriteStream(this.#log, { flags: "a" }));
    const signer = this.#signer;
    await until("the signer serves", () => {
      if (signer.exitCode !== null) throw new Error(`the signer ended; see ${folder}/signer`);
      return listens(this.#socket);
    });
  }

  /** Runs `signet` as the operator. */
  async signet(...args: string[]): Promise<Outcome> {
    const cli = join(repositoryRoot, "cli/bundle/main.js");
    const argv = [cli, ...args, "--socket", this.#socket];
    try {
      return { status: 0, ...(await exec(process.execPath, argv)) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { status: code, stdout, stderr };
    }
  }

  /** Runs `signet --json`, which must succeed. */
  async signetJson<T>(...args: string[]): Promise<T> {
    const { status, stdout, stderr } = await this.signet(...args, "--json");
    if (status !== 0) throw new Error(`signet ${args.join(" ")}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** The nodes that the signer knows; asked without a process of its own, as waiting asks often. */
  async nodes(): Promise<readonly JoinedNode[]> {
    const { nodes } = await withAdmin({ socket: this.#socket }, (admin) =>
      call(admin, "ListNodes", {}),
    );
    return nodes.map((node) => ({ ...node, revision: Number(node.revision) }));
  }

  /** What the signer has logged. */
  log(): string {
    return readFileSync(this.#log, "utf8");
  }

  /** The workloads' root in Vault, PEM. */
  async workloadRoot(): Promise<string> {
    return this.#fromVault("signet-workload-root/ca/pem");
  }

  /** Has Vault sign a workload's request (PEM) as its operator. @returns the chain, leaf first. */
  async signWorkload(spiffeId: string, csr: string): Promise<string> {
    const signed = await new Vault({ ...this.#options.vault }).write("signet-workload/sign/svid", {
      csr,
      uri_sans: spiffeId,
      ttl: "1h",
      format: "pem",
      remove_roots_from_chain: true,
    });
    return [signed["certificate"], ...((signed["ca_chain"] ?? []) as string[])].join("\n") + "\n";
  }

  /** Whether the CRL of the workloads' issuer has a serial (lower-case hex). */
  async inVaultCrl(serial: string): Promise<boolean> {
    const crl = join(this.#options.folder, "workload.crl");
    await writeFile(crl, await this.#fromVault("signet-workload/crl/pem"));
    const { stdout } = await exec("openssl", ["crl", "-in", crl, "-noout", "-text"]);
    const bare = serial.replace(/^0+/, "");
    return stdout
      .split("\n")
      .some((line) => /Serial Number: 0*(\w+)/.exec(line)?.[1]?.toLowerCase() === bare);
  }

  /** Stops the signer, gracefully. */
  async stop(): Promise<void> {
    const signer = this.#signer;
    if (signer?.exitCode !== null) return;
    const ended = once(signer, "exit");
    signer.kill("SIGTERM");
    const timer = setTimeout(() => signer.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(timer);
  }

  async #fromVault(path: string): Promise<string> {
    const response = await fetch(`${this.#options.vault.address}/v1/${path}`);
    if (response.status !== 200) throw new Error(`Vault: ${path}: ${String(response.status)}`);
    return response.text();
  }
}

function appRole(folder: string, name: string) {
  return {
    roleIdFile: join(folder, `${name}.role-id`),
    wrappedSecretIdFile: join(folder, `${name}.wrapped-secret-id`),
  };
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}
