// SPDX-License-Identifier: Apache-2.0
import type { Mesh } from "./mesh.js";
import { startVirtualMesh, type VirtualMesh, type VirtualMeshOptions } from "./virtual-mesh.js";

/**
 * For a mocha suite: a mesh of a Vault, a signer, and virtual machines, made before its tests and
 * ended after them. The suite fails when a kernel reported a fault.
 */
export function useMesh(options: VirtualMeshOptions = {}): () => Mesh {
  let running: VirtualMesh | undefined;

  before(async function () {
    this.timeout(600_000);
    running = await startVirtualMesh(options);
  });

  after(async function () {
    this.timeout(600_000);
    await running?.stop();
  });

  return () => {
    if (running === undefined) throw new Error("the mesh has not been started");
    return running.mesh;
  };
}
