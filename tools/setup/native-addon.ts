// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cachePath, repositoryRoot } from "./cache.mjs";
import { addonBuildEnvironment } from "./npm-packages.mjs";
import { runLogged, timed } from "./progress.mjs";

const FOLDER = join(repositoryRoot, "agent/native");
const ADDON = join(FOLDER, "build/Release/signet_native.node");

/** Compiles the agent's native addon, unless it is newer than its sources. */
export async function buildNativeAddon(): Promise<void> {
  if (isCurrent()) return;
  await timed("compiling the native addon", () =>
    runLogged(["npm", "run", "build:native", "-w", "@signet/agent"], {
      log: cachePath("log", "addon.log"),
      cwd: repositoryRoot,
      env: addonBuildEnvironment(),
    }),
  );
}

function isCurrent(): boolean {
  if (!existsSync(ADDON)) return false;
  const built = statSync(ADDON).mtimeMs;
  const sources = readdirSync(join(FOLDER, "src")).map((name) => join(FOLDER, "src", name));
  return [join(FOLDER, "binding.gyp"), ...sources].every((path) => statSync(path).mtimeMs < built);
}
