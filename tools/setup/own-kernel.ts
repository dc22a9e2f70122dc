// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { release } from "node:os";
import type { Kernel } from "./kernel.js";

/**
 * The kernel that this machine runs, to build a module for.
 * @throws Error when its headers are not installed
 */
export function ownKernel(): Kernel {
  const running = release();
  const buildDir = `/lib/modules/${running}/build`;
  if (!existsSync(buildDir)) {
    throw new Error(`the headers of this machine's kernel are missing: linux-headers-${running}`);
  }
  return { flavour: "stock", release: running, image: "", modules: undefined, buildDir };
}
