// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import { SignetError } from "@signet/contract/signet-error.js";

/** What the kernel said when it refused: the cause of NETLINK_REFUSED. */
export class NetlinkRefusal extends Error {
  override readonly name = "NetlinkRefusal";

  /**
   * @param errno Positive.
   * @param text The kernel's sentence (extended acknowledgement), when it gave one.
   * @param offset Where in the request's attributes the fault is, when it said so.
   */
  constructor(
    readonly operation: string,
    readonly errno: number,
    readonly text: string | undefined,
    readonly offset?: number,
  ) {
    super(`${operation}: ${text ?? "refused"} (${errnoName(errno)})`);
  }
}

/** Linux errnos that libuv has no name for, or two. */
const OWN_NAMES: Readonly<Record<number, string>> = {
  11: "EAGAIN",
  126: "ENOKEY",
  127: "EKEYEXPIRED",
  128: "EKEYREVOKED",
  129: "EKEYREJECTED",
};

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** The name of a positive errno: "ENOENT". */
export function errnoName(errno: number): string {
  return OWN_NAMES[errno] ?? NAMES.get(errno) ?? `errno ${String(errno)}`;
}

/** The kernel's refusal as the project's error. */
export function refusal(
  operation: string,
  errno: number,
  text: string | undefined,
  offset?: number,
): SignetError {
  const cause = new NetlinkRefusal(operation, errno, text, offset);
  if (errno === constants.errno.EPERM) {
    return new SignetError("PERMISSION_DENIED", `${cause.message}.`, { cause });
  }
  return new SignetError("NETLINK_REFUSED", `${cause.message}.`, { cause });
}

/** Name of the errno behind an error of a request; undefined when the kernel gave none. */
export function refusedWith(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof NetlinkRefusal ? errnoName(cause.errno) : undefined;
}
