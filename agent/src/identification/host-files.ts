// SPDX-License-Identifier: Apache-2.0
import { stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { whenUnreadable } from "../native.js";

/** Inode number of a mount namespace, as the kernel module gives it. */
export async function mountNamespaceOf(pid: number | "self"): Promise<number> {
  return (await stat(`/proc/${String(pid)}/ns/mnt`)).ino;
}

/**
 * True when a path, looked up in this process's mount namespace, is the file that is open. What
 * `/proc/PID/exe` reads as is no proof (a user namespace and a bind mount make it show any path);
 * the file itself is. Both sides are asked by fstat and stat, whose device numbers agree where the
 * superblock's may not.
 *
 * @throws SystemError when that can't be found out (EMFILE, EIO).
 */
export async function isFileAt(file: FileHandle, path: string): Promise<boolean> {
  const [opened, named] = await Promise.all([
    file.stat({ bigint: true }),
    stat(path, { bigint: true }).catch(whenUnreadable),
  ]);
  return named !== undefined && isSameFile(opened, named);
}

function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.isFile() && a.dev === b.dev && a.ino === b.ino;
}
