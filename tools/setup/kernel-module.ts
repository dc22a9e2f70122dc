// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cachePath, repositoryRoot } from "./cache.mjs";
import type { Kernel } from "./kernel.js";
import { runLogged, timed } from "./progress.mjs";

const SOURCES = join(repositoryRoot, "kmod");
const SOURCE_NAME = /\.(c|h|S|mk)$|^Kbuild$|^Makefile$/;

/** A module built with make variables that the usual one is built without. */
export interface ModuleVariant {
  /** Names the build's folder. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Builds kmod/ for a kernel.
 * @returns the path of signet.ko
 */
export function buildKernelModule(kernel: Kernel, variant?: ModuleVariant): Promise<string> {
  const name = variant === undefined ? "signet" : `signet-${variant.name}`;
  return buildModule({
    kernel,
    sources: SOURCES,
    folder: cachePath("kmod", `${kernel.flavour}-${kernel.release}`, name),
    log: cachePath("log", `${name}-${kernel.flavour}.log`),
    file: "signet.ko",
    variables: variant?.variables ?? {},
  });
}

/** What a module is built from. */
export interface ModuleBuild {
  readonly kernel: Kernel;
  readonly sources: string;
  /** Where it is built. */
  readonly folder: string;
  readonly log: string;
  /** The module's file name. */
  readonly file: string;
  /** For make. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What builds in each folder; one make builds all modules there. */
const builds = new Map<string, Promise<void>>();

/**
 * Builds a module for a kernel, incrementally, and once in a process: to find that there is nothing
 * to do takes make two seconds.
 * @returns the path of the module's file
 */
export async function buildModule(what: ModuleBuild): Promise<string> {
  const { folder, file } = what;
  const building = builds.get(folder) ?? build(what);
  builds.set(folder, building);
  await building;
  return join(folder, file);
}

/** Kbuild leaves its objects beside the sources, so it is given a tree of links to them. */
async function build(what: ModuleBuild): Promise<void> {
  const { kernel, sources, folder, log, file } = what;
  forgetOtherCheckout(sources, folder);
  linkSources(sources, folder);
  const options = Object.entries(what.variables).map(([key, value]) => `${key}=${value}`);
  const make = ["make", "--no-print-directory", "-C", kernel.buildDir, `M=${folder}`, "-j2"];
  const run = () => runLogged([...make, ...options, "modules"], { log });
  if (existsSync(join(folder, file))) await run();
  else await timed(`building ${file} for the ${kernel.flavour} kernel`, run);
}

/** Where two checkouts share a cache, objects of the other one look as if they were up to date. */
function forgetOtherCheckout(sources: string, folder: string): void {
  const link = join(folder, "Kbuild");
  if (existsSync(folder) && (!existsSync(link) || readlinkSync(link) !== join(sources, "Kbuild"))) {
    rmSync(folder, { recursive: true });
  }
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
