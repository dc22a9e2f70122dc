// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from "node:fs/promises";

import { cachePath } from "../../tools/setup/cache.mjs";
import { vaultForTests, type RunningVault } from "../vault/server.js";
import type { Machines } from "./host.js";
import { startMesh, type Mesh } from "./mesh.js";
import { startVirtualMachines, type VirtualMachineOptions } from "./virtual-machines.js";

let meshes = 0;

/**
 * For a mocha suite: a mesh of a Vault, a signer, and virtual machines, made before its tests and
 * ended after them. The suite fails when a kernel reported a fault.
 *
 * @param nodes hosts with module and agent: "web" and "client" unless said otherwise.
 * @param others hosts without.
 */
export function useMesh(
  options: VirtualMachineOptions & {
    readonly nodes?: readonly string[];
    readonly others?: readonly string[];
  } = {},
): () => Mesh {
  const { nodes = ["web", "client"], others = [], ...machineOptions } = options;
  const folder = cachePath("mesh", `${String(process.pid)}-${String(++meshes)}`);
  let vault: RunningVault | undefined;
  let machines: Machines | undefined;
  let mesh: Mesh | undefined;

  before(async function () {
    this.timeout(600_000);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    vault = await vaultForTests();
    machines = await startVirtualMachines([...nodes, ...others], machineOptions);
    mesh = await startMesh({ machines, vault, folder, trustDomain: "demo.test", nodes });
  });

  after(async function () {
    this.timeout(600_000);
    try {
      await mesh?.stop();
      await machines?.checkKernels();
    } finally {
      await machines?.stop();
      await vault?.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  return () => {
    if (mesh === undefined) throw new Error("the mesh has not been started");
    return mesh;
  };
}
