// SPDX-License-Identifier: Apache-2.0
import { open, readFile, type FileHandle } from "node:fs/promises";
import { whenEnded, whenUnreadable } from "../native.js";
import { threadFolders, type Thread } from "./threads.js";

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
 * @param asker The thread that the kernel asked about; another shows the file when it has ended.
 * @returns undefined when there is none, or none that root may read (FUSE, NFS).
 * @throws CalledExec, SystemError
 */
export async function openExecutable(
  asker: Thread,
  asked: ExecutableFacts,
): Promise<FileHandle | undefined> {
  for await (const thread of threadFolders(asker)) {
    const file = await open(`${thread}/exe`, "r").catch(whenUnreadable);
    if (file === undefined) continue;
    try {
      if (!(await isAsked(file, asker, asked))) throw new CalledExec();
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }
  return undefined;
}

async function isAsked(file: FileHandle, asker: Thread, asked: ExecutableFacts): Promise<boolean> {
  const info = await readFile(`/proc/self/fdinfo/${String(file.fd)}`, "latin1");
  if (field(info, "ino") !== String(asked.exeInode)) return false;
  const { exeDeviceMajor: major, exeDeviceMinor: minor } = asked;
  const { dev } = await file.stat({ bigint: true });
  if (dev === deviceNumber(major, minor)) return true;
  const device = await superblockOf(field(info, "mnt_id") ?? "", asker);
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
async function superblockOf(mountId: string, asker: Thread): Promise<string | undefined> {
  const line = new RegExp(`^${mountId} \\d+ (\\d+:\\d+) `, "m");
  const listedIn = async (folder: string) =>
    line.exec((await readFile(`${folder}/mountinfo`, "latin1").catch(whenEnded)) ?? "")?.[1];
  const own = await listedIn("/proc/self");
  if (own !== undefined) return own;
  for await (const thread of threadFolders(asker)) {
    const device = await listedIn(thread);
    if (device !== undefined) return device;
  }
  return undefined;
}
