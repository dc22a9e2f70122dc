// SPDX-License-Identifier: Apache-2.0
// Prepares what its arguments name; does nothing for what is there already.
import { buildNativeAddon } from "./native-addon.js";
import { debugKernel } from "./debug-kernel.js";
import { guestImage } from "./guest-image.js";
import { buildKernelModule } from "./kernel-module.js";
import { say } from "./progress.mjs";
import { stockKernel } from "./stock-kernel.js";
import { buildTypeScript } from "./typescript-build.js";
import { buildVault } from "./vault.js";

const NEEDS: Readonly<Record<string, () => Promise<unknown>>> = {
  addon: buildNativeAddon,
  build: buildTypeScript,
  vault: async () => process.env["VAULT_ADDR"] === undefined && buildVault(),
  vm: async () => guestImage(await stockKernel()),
  "debug-vm": async () => guestImage(await debugKernel()),
  module: async () => buildKernelModule(await stockKernel()),
  "debug-module": async () => buildKernelModule(await debugKernel()),
};

for (const need of process.argv.slice(2)) {
  const prepare = NEEDS[need];
  if (prepare === undefined) {
    say(`nothing is called "${need}": choose from ${Object.keys(NEEDS).join(", ")}`);
    process.exit(2);
  }
  try {
    await prepare();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
