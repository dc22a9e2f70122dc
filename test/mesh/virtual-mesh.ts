// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from "node:fs/promises";

import { cachePath } from "../../tools/setup/cache.mjs";
import { vaultForTests, type RunningVault } from "../vault/server.js";
import type { Machines } from "./host.js";
import { startMesh, type Mesh } from "./mesh.js";
import { startVirtualMachines, type VirtualMachineOptions } from "./virtual-machines.js";

/** Runs one step of something that takes a while; may say so, or refuse to begin it. */
export type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** What a virtual mesh is made of. */
export interface VirtualMeshOptions extends VirtualMachineOptions {
  /** Hosts with module and agent: "web" and "client" unless said otherwise. */
  readonly nodes?: readonly string[];
  /** Hosts without. */
  readonly others?: readonly string[];
  /** Runs the steps of the start; they just run unless said otherwise. */
  readonly step?: Step;
}

/** A mesh that runs. */
export interface VirtualMesh {
  readonly mesh: Mesh;
  /** Ends everything. Rejects when a kernel reported a fault. */
  readonly stop: () => Promise<void>;
}

let meshes = 0;

/** Starts a mesh of a Vault, a signer, and virtual machines. What fails to start leaves nothing. */
export async function startVirtualMesh(options: VirtualMeshOptions = {}): Promise<VirtualMesh> {
  const { nodes = ["web", "client"], others = [], step = justRun, ...machineOptions } = options;
  const folder = cachePath("mesh", `${String(process.pid)}-${String(++meshes)}`);
  let vault: RunningVault | undefined;
  let machines: Machines | undefined;
  let mesh: Mesh | undefined;

  async function start(): Promise<Mesh> {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const login = (vault = await step("starting Vault", () => vaultForTests()));
    const names = [...nodes, ...others];
    const booted = (machines = await step(`booting ${String(names.length)} virtual machines`, () =>
      startVirtualMachines(names, machineOptions),
    ));
    return step("starting the signer and the agents", () =>
      startMesh({ machines: booted, vault: login, folder, trustDomain: "demo.test", nodes }),
    );
  }

  async function stop(): Promise<void> {
    try {
      await mesh?.stop();
      await machines?.checkKernels();
    } finally {
      await machines?.stop();
      await vault?.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  try {
    mesh = await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { mesh, stop };
}

const justRun: Step = (_what, work) => work();
