// SPDX-License-Identifier: Apache-2.0

import { VaultServer } from "../../test/vault/server.js";
import { TcpGate } from "../../runtime/test/tcp-gate.js";
import { RunningSigner, TRUST_DOMAIN, type RunOptions } from "./running-signer.js";

/** A signer, its own Vault, and a gate between the two. */
export interface GatedSigner {
  readonly vault: VaultServer;
  readonly gate: TcpGate;
  readonly signer: RunningSigner;
  stop(): Promise<void>;
}

/** Starts a Vault that is configured, a gate to it, and a signer that goes through the gate. */
export async function startGatedSigner(options: RunOptions = {}): Promise<GatedSigner> {
  const vault = await VaultServer.start();
  await vault.configure(TRUST_DOMAIN);
  const gate = await TcpGate.to(Number(new URL(vault.address).port));
  const vaultAddress = `http://127.0.0.1:${gate.port}`;
  const signer = new RunningSigner(vault, { ...options, vaultAddress });
  await signer.start();
  const stop = async () => {
    await signer.remove();
    await gate.close();
    await vault.stop();
  };
  return { vault, gate, signer, stop };
}
