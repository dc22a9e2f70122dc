// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { SignetError } from "@signet/contract/signet-error.js";
import type { Clock } from "./clock.js";
import { joinOptionsOf } from "./config/join-options.js";
import type { AgentConfig } from "./config/schema.js";
import { logConnections } from "./connection-log.js";
import { mountNamespaceOf } from "./identification/host-files.js";
import { ProcessAnswers } from "./identification/process-answers.js";
import { Issuance } from "./issuance/issuance.js";
import { SigningQueue } from "./issuance/signing-queue.js";
import type { Log } from "./log.js";
import { KernelModule } from "./netlink/kernel-module.js";
import type { SignerSession } from "./signer/signer-session.js";
import { SnapshotFile } from "./sync/snapshot-file.js";
import { StateStore } from "./sync/state-store.js";

/** The parts of an agent that face the kernel, joined. */
interface KernelSide {
  readonly module: KernelModule;
  readonly store: StateStore;
  readonly issuance: Issuance;
  readonly queue: { session: SignerSession | undefined };
}

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
  const kernel = await serveKernel(config, log, clock);
  const connections = await logConnections(log);
  try {
    // gRPC takes long to load: what is on disk is in force by now.
    await followSigner(config, kernel, log, clock, signal);
  } finally {
    kernel.issuance.stop();
    connections.close();
    kernel.module.close();
  }
}

/** Registers, puts the snapshot on disk in force, resumes renewals. No signer is needed. */
async function serveKernel(config: AgentConfig, log: Log, clock: Clock): Promise<KernelSide> {
  const hostMountNs = await hostMountNamespace();
  const module = await KernelModule.connect({
    onProcessIdentify: (event) => {
      answers.ask(event);
    },
    onSvidRequest: (event) => {
      issuance.request(event);
    },
    onOverrun: () => void resume(),
    onFault: (error) => {
      log.error({ err: error }, "a message of the kernel could not be read");
    },
  });
  const store = new StateStore({
    module,
    file: new SnapshotFile(join(config.stateDir, "snapshot.json")),
    onStep: async ({ entriesChanged, lifetimesChanged, revoked, unbanned }) => {
      if (entriesChanged) await module.flushProcesses();
      // Who lost one certificate, or was unbanned, may have a new one.
      const replaceable = unbanned || revoked.some(({ what }) => what === "serial");
      if (replaceable) await resume();
      if (replaceable || entriesChanged) issuance.reconsider();
      issuance.replace(lifetimesChanged);
    },
    log,
  });
  const answers = new ProcessAnswers({ module, store, hostMountNs, clock, log });
  const side: { session: SignerSession | undefined } = { session: undefined };
  const queue = new SigningQueue((requests) => {
    if (side.session === undefined) return Promise.reject(new SignetError("SIGNER_UNAVAILABLE"));
    return side.session.signSvids(requests);
  });
  const issuance = new Issuance({ module, sign: (request) => queue.submit(request), clock, log });
  const resume = async () => {
    issuance.resume(await module.identities());
  };

  const registration = await module.register(config.bindNetns);
  log.info({ module: registration.moduleVersion, netns: registration.netns }, "agent registered");
  await store.restore(registration);
  await resume();
  return { module, store, issuance, queue: side };
}

/** Joins if need be, then stays with the signer. */
async function followSigner(
  config: AgentConfig,
  { store, queue }: KernelSide,
  log: Log,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { CredentialsFile, enrol, SignerSession } = await import("./signer/index.js");
  const file = new CredentialsFile(join(config.stateDir, "node.json"));
  const joinOptions = () => joinOptionsOf(config);
  const credentials = await enrol({ file, joinOptions, clock, log }, signal);
  if (credentials === undefined) return;
  const address = config.signer.address;
  queue.session = new SignerSession(credentials, { address, file, store, clock, log });
  await queue.session.run(signal);
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
