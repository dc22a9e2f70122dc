// SPDX-License-Identifier: Apache-2.0

import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyVaultConfig, Vault, writeCredentials } from "@signet/vault-config";
import { vaultBinary } from "../../tools/setup/vault.js";

const START_MS = 60_000;

/** A Vault that can be used, and let go. */
export interface RunningVault {
  readonly address: string;
  /** A token that may do everything. */
  readonly token: string;
  /** Ends it, if it was started here. */
  stop(): Promise<void>;
}

/** The Vault that VAULT_ADDR and VAULT_TOKEN name, else one of the caller's own. */
export async function vaultForTests(env: NodeJS.ProcessEnv = process.env): Promise<RunningVault> {
  const { VAULT_ADDR: address, VAULT_TOKEN: token } = env;
  if (address === undefined || address === "") return VaultServer.start();
  if (token === undefined || token === "") throw new Error("VAULT_ADDR is set: set VAULT_TOKEN");
  return { address, token, stop: () => Promise.resolve() };
}

/** A port that was free a moment ago; of loopback unless an address is given. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A real Vault of one's own in development mode: in memory, on loopback, gone when stopped. */
export class VaultServer implements RunningVault {
  readonly address: string;
  /** The root token. */
  readonly token: string;
  readonly #process: ChildProcess;
  readonly #home: string;

  private constructor(port: number, token: string, home: string) {
    this.address = `http://127.0.0.1:${port}`;
    this.token = token;
    this.#home = home;
    this.#process = spawn(vaultBinary(), ["server", "-dev", "-dev-no-store-token"], {
      stdio: "ignore",
      env: {
        HOME: home,
        PATH: process.env["PATH"],
        VAULT_DEV_ROOT_TOKEN_ID: token,
        VAULT_DEV_LISTEN_ADDRESS: `127.0.0.1:${port}`,
      },
    });
  }

  /** Starts one and waits until it answers. */
  static async start(): Promise<VaultServer> {
    const home = mkdtempSync(join(tmpdir(), "signet-vault-"));
    const token = randomBytes(16).toString("hex");
    const server = new VaultServer(await freePort(), token, home);
    await server.#answers();
    return server;
  }

  /** A client with the root token. */
  get operator(): Vault {
    return new Vault({ address: this.address, token: this.token });
  }

  /** Applies vault-config. */
  async configure(trustDomain: string): Promise<void> {
    await applyVaultConfig(this.operator, trustDomain, () => undefined);
  }

  /** Writes fresh AppRole credentials with wrapped SecretIDs into a folder. */
  async credentials(folder: string): Promise<void> {
    await writeCredentials(this.operator, folder, 300);
  }

  /** What a path that needs no token holds, such as a CRL: "signet-workload/crl/pem". */
  async public(path: string): Promise<string> {
    const response = await fetch(`${this.address}/v1/${path}`);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return response.text();
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      await exited;
    }
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const health = await fetch(`${this.address}/v1/sys/health`).catch(() => undefined);
      if (health?.status === 200) return;
      if (Date.now() > deadline || this.#process.exitCode !== null) {
        await this.stop();
        throw new Error("Vault did not start");
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
