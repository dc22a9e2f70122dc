// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cachePath, repositoryRoot } from "./cache.mjs";
import type { Kernel } from "./kernel.js";
import { runLogged, timed } from "./progress.mjs";

const SOURCES = join(repositoryRoot, "kmod");
const SOURCE_NAME = /\.[chS]$|^Kbuild$|^Makefile$/;

/** Where `buildKernelModule` leaves signet.ko for this kernel. */
export function kernelModulePath(kernel: Kernel): string {
  return join(buildFolder(kernel), "signet.ko");
}

/**
 * Builds kmod/ for a kernel, incrementally, in the cache: Kbuild leaves its objects beside the
 * sources, so it is given a tree of links to them.
 * @returns the path of signet.ko
 */
export async function buildKernelModule(kernel: Kernel): Promise<string> {
  const folder = buildFolder(kernel);
  const log = cachePath("log", `module-${kernel.flavour}.log`);
  linkSources(SOURCES, folder);
  const make = ["make", "--no-print-directory", "-C", kernel.buildDir, `M=${folder}`, "-j2"];
  const build = () => runLogged([...make, "modules"], { log });
  const path = kernelModulePath(kernel);
  if (existsSync(path)) await build();
  else await timed(`building signet.ko for the ${kernel.flavour} kernel`, build);
  return path;
}

function buildFolder(kernel: Kernel): string {
  return cachePath("kmod", `${kernel.flavour}-${kernel.release}`);
}

/** Makes `folder` hold links to all sources, and none to a source that is gone. */
function linkSources(sources: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const wanted = readdirSync(sources, { withFileTypes: true });
  const names = new Set(wanted.map(({ name }) => name));
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isSymbolicLink() && !names.has(entry.name)) rmSync(join(folder, entry.name));
  }
  for (const entry of wanted) {
    const [from, to] = [join(sources, entry.name), join(folder, entry.name)];
    if (entry.isDirectory()) linkSources(from, to);
    else if (SOURCE_NAME.test(entry.name) && !existsSync(to)) symlinkSync(from, to);
  }
}
