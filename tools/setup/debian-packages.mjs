// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { cachePath } from "./cache.mjs";
import { runLogged, say, timed } from "./progress.mjs";

const HEADERS = /^linux-headers-(6\.1\.0-\d+-amd64)$/;
const POLICY = "/usr/sbin/policy-rc.d";
const SAVED_POLICY = `${POLICY}.signet-saved`;
const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };

const BUILD = ["gcc", "g++", "make", "libc6-dev", "libssl-dev", "python3", "ca-certificates"];
const SANITIZERS = ["clang", "libclang-rt-14-dev", "sparse"];
const MODELS = ["spin"];
const MACHINES = ["qemu-system-x86", "busybox-static", "cpio", "kmod", "iproute2", "xz-utils"];
const PROGRAMS = ["nginx-light", "curl", "openssl", "tcpdump", "procps", "util-linux"];
const DEBUG_KERNEL = [
  "linux-source-6.1",
  "lz4",
  "patch",
  "perl",
  "flex",
  "bison",
  "bc",
  "libelf-dev",
];

/**
 * Installs the Debian packages that are missing. Nothing that they bring is started.
 * @param {{ debugKernel: boolean }} options whether the debug kernel's build needs are wanted too
 * @throws {Error} when not root, or when apt-get fails
 */
export async function installDebianPackages({ debugKernel }) {
  const wanted = [
    ...BUILD,
    ...SANITIZERS,
    ...MODELS,
    ...MACHINES,
    ...PROGRAMS,
    ...(debugKernel ? DEBUG_KERNEL : []),
  ];
  const missing = missingPackages(wanted);
  const needsHeaders = installedHeaders() === undefined;
  if (missing.length === 0 && !needsHeaders) return;
  if (process.getuid?.() !== 0) {
    const names = [...missing, ...(needsHeaders ? ["linux-headers-6.1.0-*-amd64"] : [])];
    throw new Error(`run this as root: these Debian packages are missing: ${names.join(" ")}`);
  }
  if (!packagesKnown(missing) || (needsHeaders && newestHeaders() === undefined)) {
    await updateLists();
  }
  if (needsHeaders) missing.push(`linux-headers-${requireNewestHeaders()}`);
  await install(missing);
  if (missing.includes("nginx-light")) disableAtBoot("nginx");
}

/**
 * Installs the headers of the newest stock 6.1 kernel there is.
 * @returns its release
 */
export async function installNewestHeaders() {
  await updateLists();
  const release = requireNewestHeaders();
  await install([`linux-headers-${release}`]);
  return release;
}

/** @param {string[]} names */
async function install(names) {
  await timed(`installing Debian packages: ${names.join(" ")}`, () =>
    withoutServices(() => apt("install", "-y", "--no-install-recommends", ...names)),
  );
}

async function updateLists() {
  await timed("updating Debian's package lists", () => apt("update"));
}

/** @param {string[]} args */
async function apt(...args) {
  const log = cachePath("log", "apt.log");
  await runLogged(["apt-get", "-q", ...args], { log, env: ENVIRONMENT });
}

/**
 * The newest stock 6.1 kernel whose headers are installed, e.g. "6.1.0-56-amd64".
 * @returns {string | undefined}
 */
export function installedHeaders() {
  if (!existsSync("/usr/src")) return undefined;
  return newest(readdirSync("/usr/src").filter((name) => existsSync(`/usr/src/${name}/Makefile`)));
}

/** @returns {string | undefined} */
function newestHeaders() {
  const search = ["search", "--names-only", "^linux-headers-6\\.1\\.0-[0-9]+-amd64$"];
  const lines = execFileSync("apt-cache", search, { encoding: "utf8" }).split("\n");
  return newest(lines.map((line) => line.split(" ")[0] ?? ""));
}

function requireNewestHeaders() {
  const release = newestHeaders();
  if (release !== undefined) return release;
  throw new Error("no package linux-headers-6.1.0-*-amd64 is known: Signet's tests need Debian 12");
}

/**
 * @param {string[]} packages
 * @returns {string | undefined}
 */
function newest(packages) {
  const revision = (/** @type {string} */ release) => Number(release.split("-")[1]);
  const releases = packages.flatMap((name) => HEADERS.exec(name)?.[1] ?? []);
  return releases.sort((a, b) => revision(b) - revision(a))[0];
}

/** @param {string[]} names */
function missingPackages(names) {
  const query = ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...names];
  const { stdout } = spawnSync("dpkg-query", query, { encoding: "utf8" });
  const installed = new Set(
    stdout.split("\n").flatMap((line) => (line.endsWith(" installed") ? line.split(" ")[0] : [])),
  );
  return names.filter((name) => !installed.has(name));
}

/** @param {string[]} names */
function packagesKnown(names) {
  return names.length === 0 || spawnSync("apt-cache", ["show", ...names]).status === 0;
}

/**
 * Does the work while invoke-rc.d(8) is told to start nothing.
 * @param {() => Promise<void>} work
 */
async function withoutServices(work) {
  if (existsSync(POLICY) && !existsSync(SAVED_POLICY)) renameSync(POLICY, SAVED_POLICY);
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  process.once("exit", restorePolicy);
  try {
    await work();
  } finally {
    process.off("exit", restorePolicy);
    restorePolicy();
  }
}

function restorePolicy() {
  rmSync(POLICY, { force: true });
  if (existsSync(SAVED_POLICY)) renameSync(SAVED_POLICY, POLICY);
}

/** @param {string} service */
function disableAtBoot(service) {
  const { status } = spawnSync("systemctl", ["disable", "--quiet", service]);
  if (status === 0) say(`${service} is installed, not started, and disabled at boot`);
}
