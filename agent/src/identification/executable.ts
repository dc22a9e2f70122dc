// SPDX-License-Identifier: Apache-2.0
import { open, readFile, type FileHandle } from "node:fs/promises";
import { whenUnreadable } from "../native.js";

/** A file as the kernel itself numbers it, which stat does not on every file system. */
export interface ExecutableFacts {
  /** Of the superblock (s_dev), whereas btrfs and overlayfs show other devices to stat. */
  readonly exeDeviceMajor: number;
  readonly exeDeviceMinor: number;
  /** i_ino, which on overlayfs stays what it was where stat's number changes with a copy-up. */
  readonly exeInode: bigint;
}

/** The process runs another file than when the kernel asked. */
export class CalledExec extends Error {}

/**
 * Opens the file that a process runs.
 *
 * @returns undefined when there is none, or none that root may read (FUSE, NFS).
 * @throws CalledExec, SystemError
 */
export async function openExecutable(
  pid: number,
  asked: ExecutableFacts,
): Promise<FileHandle | undefined> {
  const file = await open(`/proc/${String(pid)}/exe`, "r").catch(whenUnreadable);
  if (file === undefined) return undefined;
  try {
    if (!(await isAsked(file, pid, asked))) throw new CalledExec();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function isAsked(file: FileHandle, pid: number, asked: ExecutableFacts): Promise<boolean> {
  const info = await readFile(`/proc/self/fdinfo/${String(file.fd)}`, "latin1");
  if (field(info, "ino") !== String(asked.exeInode)) return false;
  const { exeDeviceMajor: major, exeDeviceMinor: minor } = asked;
  const { dev } = await file.stat({ bigint: true });
  if (dev === deviceNumber(major, minor)) return true;
  const device = await superblockOf(field(info, "mnt_id") ?? "", pid);
  return device === `${String(major)}:${String(minor)}`;
}

/** A line of /proc/PID/fdinfo/FD (proc(5)). */
function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\t(\\d+)$`, "m").exec(info)?.[1];
}

/** makedev(3) */
function deviceNumber(major: number, minor: number): bigint {
  return BigInt((major << 8) | (minor & 0xff)) | (BigInt(minor >>> 8) << 20n);
}

/** "major:minor" of a mount's superblock. A process in a chroot doesn't list what is outside. */
async function superblockOf(mountId: string, pid: number): Promise<string | undefined> {
  const line = new RegExp(`^${mountId} \\d+ (\\d+:\\d+) `, "m");
  for (const viewer of ["self", String(pid)]) {
    const device = line.exec(await readFile(`/proc/${viewer}/mountinfo`, "latin1"))?.[1];
    if (device !== undefined) return device;
  }
  return undefined;
}
