// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import type * as Netlink from "@signet/agent/netlink";

/** What the kernel module tells a command: works with or without a running agent. */
export type NetlinkReader = typeof Netlink;

/**
 * Loads the reader of the module's netlink family. Only commands for a node need it, so the others
 * run where the native addon was not built.
 * @throws SignetError NOT_BUILT
 */
export async function loadNetlink(): Promise<NetlinkReader> {
  try {
    return await import("@signet/agent/netlink");
  } catch (cause) {
    if (cause instanceof SignetError) throw cause;
    throw new SignetError("NOT_BUILT", "The agent's native addon is not installed here.", {
      cause,
    });
  }
}
