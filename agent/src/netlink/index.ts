// SPDX-License-Identifier: Apache-2.0
import { KernelModule } from "./kernel-module.js";
import type {
  ConnectionGetReply,
  IdentityGetReply,
  NodeGetReply,
  PolicyAttributes,
  ProcessGetReply,
} from "./family.generated.js";
import { mergePolicy } from "./policy-items.js";

export type {
  ConnectionGetReply,
  ConnectionState,
  IdentityGetReply,
  NodeGetReply,
  PolicyAttributes,
  ProcessGetReply,
  Reason,
  Role,
  Verdict,
} from "./family.generated.js";
export { KernelModule, type ModuleListener } from "./kernel-module.js";

// What the module knows, for programs that run beside the agent or without one. All throw SignetError
// MODULE_MISSING, MODULE_ABI, PERMISSION_DENIED (not root), NETLINK_REFUSED, NETLINK_MALFORMED.

/** The node that this network namespace belongs to. */
export function readNode(): Promise<NodeGetReply> {
  return once((module) => module.node());
}

/** Every protected connection. */
export function readConnections(): Promise<readonly ConnectionGetReply[]> {
  return once((module) => module.connections());
}

/** Every identity that the kernel holds a key for. */
export function readIdentities(): Promise<readonly IdentityGetReply[]> {
  return once((module) => module.identities());
}

/** Every process that the kernel has asked about. */
export function readProcesses(): Promise<readonly ProcessGetReply[]> {
  return once((module) => module.processes());
}

/** The policy in force, as one. */
export function readPolicy(): Promise<PolicyAttributes> {
  return once(async (module) => mergePolicy(await module.policy()));
}

/** A node that was drained; `held`: sockets that still are hooked, as a program holds their lock. */
export type DrainedNode = NodeGetReply & { readonly held?: number };

/** Unhooks every unprotected socket, and hooks no more. Tells what still keeps the module loaded. */
export function drain(): Promise<DrainedNode> {
  return once(async (module) => {
    const held = await module.drain();
    return { ...(await module.node()), held };
  });
}

async function once<T>(act: (module: KernelModule) => Promise<T>): Promise<T> {
  const module = await KernelModule.connect();
  try {
    return await act(module);
  } finally {
    module.close();
  }
}
