// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import { constants } from "node:os";

/** A message as it came, and the port of the socket that sent it (0: the kernel). */
export interface ReceivedMessage {
  readonly port: number;
  readonly data: Buffer;
}

/** A generic netlink socket on Node's event loop. Failing system calls throw a SystemError. */
export interface NetlinkSocket {
  /** Sends one message to the kernel, which acts on it before this returns. */
  send(message: Buffer): void;
  /** The next message that is queued, or null. */
  receive(): ReceivedMessage | null;
  /** Joins a multicast group by its number. */
  join(group: number): void;
  close(): void;
}

/** What the addon gives. */
interface Native {
  /**
   * @param onReadable Called when messages are queued; receive() until null.
   * @param receiveBuffer Bytes.
   */
  readonly NetlinkSocket: new (onReadable: () => void, receiveBuffer: number) => NetlinkSocket;
  /** A pidfd of a process (pidfd_open(2)). @throws SystemError, errno -ESRCH when there is none. */
  openProcess(pid: number): number;
  /** True when the process of a pidfd has ended. */
  hasExited(handle: number): boolean;
  /** Closes a pidfd. */
  closeProcess(handle: number): void;
}

/** A system call that failed, as the addon and Node report it. */
export interface SystemError extends Error {
  /** Negative errno. */
  readonly errno: number;
  readonly syscall: string;
}

/** True for errors that carry an errno. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "errno" in error && typeof error.errno === "number";
}

/** For what no longer exists (`catch(whenGone)`): undefined. @throws any other error */
export function whenGone(error: unknown): undefined {
  if (!hasErrno(error, "ESRCH", "ENOENT")) throw error;
  return undefined;
}

/** For what /proc shows of a thread only until it ends: undefined. @throws any other error */
export function whenEnded(error: unknown): undefined {
  if (!hasErrno(error, "EINVAL")) whenGone(error);
  return undefined;
}

/**
 * For a file that there can't be by that name, or that root may not read (FUSE, NFS): undefined. What
 * leaves that open (EMFILE, EIO) is thrown.
 */
export function whenUnreadable(error: unknown): undefined {
  if (!hasErrno(error, "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EACCES", "EPERM")) whenGone(error);
  return undefined;
}

function hasErrno(error: unknown, ...names: (keyof typeof constants.errno)[]): boolean {
  return isSystemError(error) && names.some((name) => -constants.errno[name] === error.errno);
}

export const native = createRequire(import.meta.url)(
  "../native/build/Release/signet_native.node",
) as Native;
