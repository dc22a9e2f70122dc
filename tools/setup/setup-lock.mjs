// SPDX-License-Identifier: Apache-2.0
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cachePath } from "./cache.mjs";
import { say } from "./progress.mjs";

const POLL_MS = 500;

/**
 * Does the work while no other setup of this cache runs.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(work) {
  const path = cachePath("setup.lock");
  for (let waiting = false; !take(path); waiting = true) {
    if (!waiting) say(`waiting for another setup (process ${holder(path)}) to end`);
    await sleep(POLL_MS);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const pid = holder(path);
    if (pid > 0 && !alive(pid)) rmSync(path, { force: true });
    return false;
  }
}

/** @param {string} path */
function holder(path) {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0;
  }
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
