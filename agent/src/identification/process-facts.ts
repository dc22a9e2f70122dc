// SPDX-License-Identifier: Apache-2.0
import { demand } from "../netlink/attributes.js";
import type { ProcessIdentifyEvent } from "../netlink/family.generated.js";
import type { ExecutableFacts } from "./executable.js";
import type { Thread } from "./threads.js";

/** What the kernel vouches for when it asks who a process is. */
export interface ProcessFacts extends ExecutableFacts, Thread {
  /** Names the question. */
  readonly request: bigint;
  /** Of the thread group leader: CLOCK_BOOTTIME, nanoseconds. */
  readonly startTimeNs: bigint;
  /** Effective, in the initial user namespace. */
  readonly uid: number;
  readonly gid: number;
  /** Inode number of its mount namespace. */
  readonly mountNs: number;
}

/** Reads the kernel's question. @throws SignetError NETLINK_MALFORMED when a fact is missing. */
export function readProcessFacts(event: ProcessIdentifyEvent): ProcessFacts {
  return demand(
    event,
    "request",
    "pid",
    "tid",
    "startTimeNs",
    "uid",
    "gid",
    "mountNs",
    "exeDeviceMajor",
    "exeDeviceMinor",
    "exeInode",
  );
}
