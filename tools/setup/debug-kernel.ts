// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cachePath } from "./cache.mjs";
import { installDebianPackages } from "./debian-packages.mjs";
import type { Kernel } from "./kernel.js";
import { runLogged, timed } from "./progress.mjs";

const CONFIG = join(import.meta.dirname, "debug-kernel.config");
const PATCH = join(import.meta.dirname, "debug-kernel.patch");
const ARCHIVE = "/usr/src/linux-source-6.1.tar.xz";
// Sources that nothing needs once the kernel is built: external modules need the rest.
const COMPLETE = "complete";
const NEEDED_ONCE = ["Documentation", "drivers", "fs", "samples", "sound"];

/**
 * Debian's 6.1 sources built with KASAN, UBSAN, lockdep, kmemleak, fault injection and what else
 * debug-kernel.config asks for; everything that guests need is built in.
 */
export async function debugKernel(): Promise<Kernel> {
  await installDebianPackages({ debugKernel: true });
  const folder = cachePath("kernel", "debug", inputsHash());
  if (!existsSync(join(folder, COMPLETE))) {
    await timed("building the debug kernel (about 5 minutes)", () => build(folder));
  }
  const buildDir = join(folder, "build");
  return {
    flavour: "debug",
    release: readFileSync(join(buildDir, "include/config/kernel.release"), "utf8").trim(),
    image: join(buildDir, "arch/x86/boot/bzImage"),
    modules: undefined,
    buildDir,
  };
}

// The build tree remembers absolute paths, so it is made in its final place and marked when complete.
async function build(folder: string): Promise<void> {
  const log = cachePath("log", "debug-kernel.log");
  const [source, output] = [join(folder, "source"), join(folder, "build")];
  rmSync(folder, { recursive: true, force: true });
  for (const path of [source, output]) mkdirSync(path, { recursive: true });
  const make = (...targets: string[]) =>
    runLogged(["make", "-C", source, `O=${output}`, `-j${availableParallelism()}`, ...targets], {
      log,
    });
  await runLogged(["tar", "-xf", ARCHIVE, "-C", source, "--strip-components=1"], { log });
  await runLogged(["patch", "-p1", "-d", source, "-i", PATCH], { log });
  await make(`KCONFIG_ALLCONFIG=${CONFIG}`, "allnoconfig");
  requireOptions(readFileSync(join(output, ".config"), "utf8"));
  await make("bzImage", "modules");
  for (const name of NEEDED_ONCE) rmSync(join(source, name), { recursive: true });
  writeFileSync(join(folder, COMPLETE), "");
}

/** @throws Error when Kconfig dropped an option that debug-kernel.config asks for */
function requireOptions(config: string): void {
  const lines = new Set(config.split("\n"));
  const wanted = readFileSync(CONFIG, "utf8").split("\n");
  const dropped = wanted.filter((line) => line.startsWith("CONFIG_") && !lines.has(line));
  if (dropped.length > 0) throw new Error(`Kconfig dropped ${dropped.join(", ")}`);
}

/** Changes whenever another kernel would come out. */
function inputsHash(): string {
  const query = ["-W", "-f", "${Version}", "linux-source-6.1", "gcc"];
  return createHash("sha256")
    .update(execFileSync("dpkg-query", query))
    .update(readFileSync(CONFIG))
    .update(readFileSync(PATCH))
    .digest("hex")
    .slice(0, 16);
}
