// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { cachePath, repositoryRoot } from "./cache.mjs";
import type { Kernel } from "./kernel.js";
import { runLogged } from "./progress.mjs";

const SOURCES = join(repositoryRoot, "test/vm/guest");
const MODULES = ["virtio_pci", "virtio_rng", "virtio_console", "virtio_net"].concat([
  "9pnet_virtio",
  "9p",
  "overlay",
]);

/**
 * The initramfs with which a guest boots this kernel: busybox, guestd and the modules that lead to
 * the host's files.
 * @returns its path
 */
export async function guestImage(kernel: Kernel): Promise<string> {
  const image = cachePath("guest", `${kernel.flavour}-${inputsHash(kernel)}.cpio`);
  if (existsSync(image)) return image;
  const folder = `${image}.root`;
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["bin", "modules"]) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync("/bin/busybox", join(folder, "bin/busybox"));
  copyFileSync(join(SOURCES, "init"), join(folder, "init"));
  const modules = modulePaths(kernel);
  for (const path of modules) copyFileSync(path, join(folder, "modules", basename(path)));
  writeFileSync(
    join(folder, "modules/order"),
    modules.map((path) => `${basename(path)}\n`).join(""),
  );
  const log = cachePath("log", "guest-image.log");
  const compile = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static"];
  const guestd = [...compile, "-o", join(folder, "guestd"), join(SOURCES, "guestd.c")];
  await runLogged(guestd, { log });
  const pack = `find . | cpio --quiet -o -H newc -R 0:0 > ${image}.partial`;
  await runLogged(["sh", "-c", pack], { log, cwd: folder });
  renameSync(`${image}.partial`, image);
  rmSync(folder, { recursive: true });
  return image;
}

/** The files of the modules that init loads, each after those that it needs. */
function modulePaths(kernel: Kernel): string[] {
  if (kernel.modules === undefined) return [];
  const root = dirname(dirname(kernel.modules));
  const query = ["-S", kernel.release, "-d", root, "--show-depends"];
  const paths = MODULES.flatMap((name) =>
    execFileSync("modprobe", [...query, name], { encoding: "utf8" })
      .split("\n")
      .flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []),
  );
  return [...new Set(paths)];
}

function inputsHash(kernel: Kernel): string {
  const hash = createHash("sha256").update(kernel.image);
  for (const name of ["init", "guestd.c"]) hash.update(readFileSync(join(SOURCES, name)));
  return hash.digest("hex").slice(0, 16);
}
