// SPDX-License-Identifier: Apache-2.0
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cachePath } from "./cache.mjs";
import { installNewestHeaders, installedHeaders } from "./debian-packages.mjs";
import type { Kernel } from "./kernel.js";
import { runLogged, timed } from "./progress.mjs";

// Drivers of hardware that no guest has: most of the package's size.
const UNUSED = [
  "sound",
  "drivers/gpu",
  "drivers/media",
  "drivers/infiniband",
  "drivers/scsi",
].concat([
  "drivers/staging",
  "drivers/usb",
  "drivers/iio",
  "drivers/input",
  "drivers/net/wireless",
]);

const XZ_MAGIC = Buffer.from("fd377a585a00", "hex");

/**
 * Debian's stock 6.1 kernel, of the release whose headers are installed. The package is unpacked in
 * the cache; nothing of it is installed on this machine.
 */
export async function stockKernel(): Promise<Kernel> {
  const installed = installedHeaders();
  if (installed === undefined) throw new Error("no headers of a 6.1 kernel are installed");
  const release = await unpackedRelease(installed);
  const folder = cachePath("kernel", "stock", release);
  return {
    flavour: "stock",
    release,
    image: join(folder, "vmlinux"),
    modules: join(folder, "lib/modules"),
    buildDir: `/usr/src/linux-headers-${release}`,
  };
}

/** Debian's archive has the newest release only, which may be newer than what is installed. */
async function unpackedRelease(installed: string): Promise<string> {
  const folder = (release: string) => cachePath("kernel", "stock", release);
  if (existsSync(folder(installed))) return installed;
  try {
    await unpack(installed, folder(installed));
    return installed;
  } catch {
    const newest = await installNewestHeaders();
    if (!existsSync(folder(newest))) await unpack(newest, folder(newest));
    return newest;
  }
}

async function unpack(release: string, folder: string): Promise<void> {
  const log = cachePath("log", "stock-kernel.log");
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await timed(`downloading Debian's kernel ${release}`, () =>
    runLogged(["apt-get", "-q", "download", `linux-image-${release}`], { log, cwd: partial }),
  );
  const archive = readdirSync(partial).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error(`apt-get brought no linux-image-${release}`);
  const excluded = UNUSED.map((path) => `--exclude='./lib/modules/*/kernel/${path}'`).join(" ");
  const unpacking = [
    `dpkg-deb --fsys-tarfile ${archive} | tar -x ${excluded} ./boot ./lib/modules`,
    `depmod -b . ${release}`,
    `rm ${archive}`,
  ].join(" && ");
  await timed(`unpacking Debian's kernel ${release}`, () =>
    runLogged(["bash", "-o", "pipefail", "-c", unpacking], { log, cwd: partial }),
  );
  await decompress(join(partial, "boot", `vmlinuz-${release}`), join(partial, "vmlinux"), log);
  renameSync(partial, folder);
}

/** Takes the ELF image out of a bzImage, where it is compressed with xz (arch/x86/boot/header.S). */
async function decompress(bzImage: string, vmlinux: string, log: string): Promise<void> {
  const data = readFileSync(bzImage);
  const start = data.indexOf(XZ_MAGIC);
  if (start < 0) throw new Error(`${bzImage} holds no xz stream`);
  writeFileSync(`${vmlinux}.xz`, data.subarray(start));
  const unpacking = 'xz --decompress --single-stream --stdout "$0" > "$1" && rm "$0"';
  await runLogged(["sh", "-c", unpacking, `${vmlinux}.xz`, vmlinux], { log });
}
