// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { SignetError } from "@signet/contract/signet-error.js";
import type { Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { joinOptionsOf } from "./config/join-options.js";
import type { AgentConfig } from "./config/schema.js";
import { logConnections } from "./connection-log.js";
import { mountNamespaceOf } from "./identification/host-files.js";
import { KernelSide } from "./kernel-side.js";
import { KernelModule } from "./netlink/kernel-module.js";

/**
 * Serves this node until the signal aborts. What is in the kernel then stays in force.
 *
 * @throws SignetError MODULE_MISSING, MODULE_ABI, NETLINK_BUSY, CONFIG_INVALID, TOKEN_*,
 * CA_PIN_MISMATCH: what only an operator can mend.
 */
export async function runAgent(
  config: AgentConfig,
  log: Log,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const hostMountNs = await hostMountNamespace();
  const connect = KernelModule.connect.bind(KernelModule);
  const kernel = await KernelSide.open({ config, connect, hostMountNs, clock, log });
  try {
    const connections = await logConnections(log);
    try {
      // gRPC takes long to load: what is on disk is in force by now.
      await followSigner(config, kernel, log, clock, signal);
    } finally {
      connections.close();
    }
  } finally {
    kernel.close();
  }
}

/** Joins if need be, then stays with the signer. */
async function followSigner(
  config: AgentConfig,
  kernel: KernelSide,
  log: Log,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { CredentialsFile, Enrolment, joinSigner, SignerSession } =
    await import("./signer/index.js");
  const file = new CredentialsFile(join(config.stateDir, "node.json"));
  const joinOptions = () => joinOptionsOf(config);
  const enrolment = new Enrolment({ file, joinOptions, join: joinSigner, clock, log });
  const credentials = await enrolment.credentials(signal);
  if (credentials === undefined) return;
  const { address } = config.signer;
  const { store } = kernel;
  const session = new SignerSession(credentials, { address, file, enrolment, store, clock, log });
  kernel.signer = session;
  await session.run(signal);
}

/**
 * Paths in selectors are the host's, so they must be looked up where the host's init would.
 *
 * @returns Inode number of the mount namespace.
 */
async function hostMountNamespace(): Promise<number> {
  const [own, host] = await Promise.all([mountNamespaceOf("self"), mountNamespaceOf(1)]);
  if (own === host) return own;
  throw new SignetError(
    "CONFIG_INVALID",
    "The agent runs in a mount namespace of its own; start it in that of the host's init.",
  );
}
