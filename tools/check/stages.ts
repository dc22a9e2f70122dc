// SPDX-License-Identifier: Apache-2.0
import { debugKernel } from "../setup/debug-kernel.js";
import { guestImage } from "../setup/guest-image.js";
import type { Kernel } from "../setup/kernel.js";
import { buildKernelModule } from "../setup/kernel-module.js";
import { buildNativeAddon } from "../setup/native-addon.js";
import { stockKernel } from "../setup/stock-kernel.js";
import { buildVault } from "../setup/vault.js";
import { ONE_PASSED, type Counts } from "./counts.js";
import { generatedFiles } from "./generated-files.js";
import { fuzzCampaign, kernelCoreTests } from "./kernel-core-tests.js";
import { checkpatch, moduleWarnings } from "./kernel-style.js";
import { mochaTests } from "./mocha-tests.js";
import { oneCheck } from "./process.js";
import { rooms } from "./rooms.js";

/** Stages that are chosen together. */
export type Group = "static" | "unit" | "scenarios" | "long";

/** One part of the checks, chosen by its name or a group's. */
export interface Stage {
  readonly groups: readonly Group[];
  readonly name: string;
  /** Gets ready and checks; what it throws is one failure. */
  readonly run: () => Promise<Counts>;
}

/** All checks in the order in which they run. */
export const STAGES: readonly Stage[] = [
  { groups: ["static"], name: "generated", run: generatedFiles },
  {
    groups: ["static", "unit", "scenarios", "long"],
    name: "build",
    run: () => oneCheck(["npm", "run", "--silent", "build"]),
  },
  { groups: ["static"], name: "types", run: () => oneCheck(["tsc", "-p", "tsconfig.check.json"]) },
  { groups: ["static"], name: "eslint", run: () => oneCheck(["eslint", "--max-warnings=0", "."]) },
  { groups: ["static"], name: "prettier", run: () => oneCheck(["prettier", "--check", "."]) },
  { groups: ["static"], name: "rooms", run: rooms },
  { groups: ["unit"], name: "kmod-core", run: kernelCoreTests },
  mocha("unit", "models", "model/test"),
  { groups: ["unit", "scenarios", "long"], name: "vault", run: () => prepared(buildVault) },
  { groups: ["unit", "scenarios", "long"], name: "addon", run: () => prepared(buildNativeAddon) },
  mocha("unit", "contract", "contract/test"),
  mocha("unit", "runtime", "runtime/test"),
  mocha("unit", "vault-config", "vault-config/test"),
  mocha("unit", "signer", "signer/test"),
  mocha("unit", "agent", "agent/test"),
  mocha("unit", "cli", "cli/test"),
  mocha("unit", "netlink", "tools/netlink/test"),
  mocha("unit", "checks", "tools/check/test"),
  mocha("unit", "virtual-machines", "test/vm/test"),
  mocha("unit", "benchmarks", "test/bench/test"),
  {
    groups: ["scenarios", "long"],
    name: "module",
    run: () => prepared(() => machines(stockKernel)),
  },
  {
    groups: ["scenarios", "long"],
    name: "debug-module",
    run: () => prepared(() => machines(debugKernel)),
  },
  { groups: ["scenarios"], name: "module-warnings", run: moduleWarnings },
  mocha("scenarios", "scenarios", "test/scenarios"),
  { groups: ["scenarios"], name: "checkpatch", run: checkpatch },
  mocha("scenarios", "debug-kernel", "test/debug-kernel"),
  mocha("long", "long", "test/long"),
  { groups: ["long"], name: "fuzz", run: fuzzCampaign },
];

function mocha(group: Group, name: string, folder: string): Stage {
  return { groups: [group], name, run: () => mochaTests(folder) };
}

async function prepared(prepare: () => Promise<unknown>): Promise<Counts> {
  await prepare();
  return ONE_PASSED;
}

/** Gets all ready that a guest with this kernel boots from and loads. */
async function machines(kernelOf: () => Promise<Kernel>): Promise<void> {
  const kernel = await kernelOf();
  await guestImage(kernel);
  await buildKernelModule(kernel);
}
