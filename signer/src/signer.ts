// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { certificatePin, fromPem, SignetError } from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { FairQueue } from "@signet/runtime/fair-queue.js";
import { certificateCallers, socketCaller } from "./callers/admin-caller.js";
import { adminHandlers } from "./services/admin-service.js";
import { Applier } from "./admin/apply.js";
import { Listings } from "./admin/listings.js";
import { AttestationService } from "./services/attestation-service.js";
import { JoinTokens } from "./attestation/join-token.js";
import { Audit } from "./audit.js";
import type { AuditSink } from "./audit-file.js";
import type { SignerConfig } from "./config/schema.js";
import { NodeCallers } from "./callers/node-caller.js";
import { NodeCertificates } from "./node/node-certificates.js";
import { nodeHandlers } from "./services/node-service.js";
import { Revoker } from "./revocation/revoker.js";
import { VaultMessenger } from "./revocation/vault-messenger.js";
import { Listeners, type Ports } from "./server/listeners.js";
import { ServerCertificate } from "./server/server-certificate.js";
import { TlsCredentials } from "./server/tls-credentials.js";
import { InFlight } from "./in-flight.js";
import { Issuance, type Issuers } from "./signing/issuance.js";
import { SvidSigner } from "./signing/svid-signer.js";
import { CurrentState } from "./state/current-state.js";
import { openDatabase } from "./store/database.js";
import { closeInterrupted } from "./store/ledger.js";
import { ownDatabase } from "./store/ownership.js";
import { SyncHub } from "./sync/sync-hub.js";
import { AppRole } from "./vault/app-role.js";
import { HeldRoles } from "./vault/held-roles.js";
import { VaultSession } from "./vault/session.js";
import { Vault } from "./vault/vault.js";

/** What a signer takes from its surroundings. */
export interface SignerDeps {
  readonly log: Log;
  readonly auditSink: AuditSink;
  readonly clock: Clock;
}

/** A signer that serves. */
export interface Signer {
  readonly ports: Ports;
  /** SHA-256 of the control plane's root, hex: what joining nodes pin. */
  readonly caSha256: string;
  /**
   * Reads again the CA of Vault's certificate, and tries what Vault refused: logins, and roles
   * whose certificates had to be discarded.
   * @throws SignetError CONFIG_UNREADABLE; it believes the CA before
   */
  reload(): void;
  /** Stops gracefully; nothing is left open. */
  stop(): Promise<void>;
}

// For logins and revocations, however long Vault takes to sign.
const SPARE_CONNECTIONS = 2;

// One that is under way, and one of a node that gave that one up.
const RENEWALS_PER_NODE = 2;

/** What was started, to be closed in reverse. */
class Closers {
  readonly #list: (() => unknown)[] = [];

  add<T>(thing: T, close: (thing: T) => unknown): T {
    this.#list.push(() => close(thing));
    return thing;
  }

  async close(): Promise<void> {
    for (const close of this.#list.splice(0).reverse()) await close();
  }
}

/**
 * Starts a signer: it serves when the promise is kept.
 * @throws SignetError CONFIG_*, DATABASE_UNAVAILABLE, AUDIT_UNAVAILABLE, VAULT_*; nothing is left open
 */
export async function startSigner(config: SignerConfig, deps: SignerDeps): Promise<Signer> {
  const closers = new Closers();
  try {
    return await start(config, deps, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(config: SignerConfig, deps: SignerDeps, closers: Closers): Promise<Signer> {
  const { log, clock } = deps;
  const { trustDomain } = config;
  const audit = closers.add(new Audit(deps.auditSink, clock), (one) => {
    const lines = one.close();
    if (lines > 0) log.error({ lines }, "audit lines could not be written any more");
  });

  closers.add(ownDatabase(config.database.path), (one) => one.giveUp());
  const db = closers.add(await openDatabase(config.database.path), (one) => one.destroy());
  const interrupted = await closeInterrupted(db);
  if (interrupted > 0) log.warn({ interrupted }, "signatures were interrupted by the last stop");
  const state = await CurrentState.load(db, trustDomain, clock);

  const vault = closers.add(openVault(config, deps), (one) => one.close());
  const session = (files: typeof config.vault.signing) =>
    closers.add(new VaultSession(vault, new AppRole(vault, files, clock), clock, log), (one) =>
      one.close(),
    );
  const signing = session(config.vault.signing);
  const revoking = session(config.vault.revocation);
  const issuers = await readIssuers(vault, config);
  const controlRoots = issuers.control.roots;

  const messengerParts = { db, vault, session: revoking, issuers, clock, log };
  const messenger = closers.add(new VaultMessenger(messengerParts), (one) => one.close());
  const wake = () => messenger.wake();
  const { signaturesInFlight, signaturesInFlightPerNode } = config.limits;
  const running = config.vault.maxConnections;
  // Signatures, renewals and joins have limits of their own, which are reached before this one.
  const asking = new FairQueue<string>({ running, waiting: 3 * signaturesInFlight });
  const heldRoles = new HeldRoles(clock, log);
  const issuance = new Issuance({
    db,
    vault,
    session: signing,
    heldRoles,
    issuers,
    clock,
    trustDomain,
    asking,
    onDiscarded: wake,
  });

  const ownParts = { issuance, audit, clock, log, trustDomain, controlRoots };
  const { signerRole, nodeRole } = config.vault.control;
  const { serverTtl, nodeTtl } = config.certificates;
  const own = closers.add(
    new ServerCertificate({ ...ownParts, role: signerRole, ttl: serverTtl }),
    (one) => one.close(),
  );
  await own.start();

  const bundle = { trustDomain, roots: [...issuers.workload.roots] };
  const { heartbeatSeconds } = config.sync;
  const hub = new SyncHub({ db, state, bundle, heartbeatSeconds, clock, log });
  const renewals = new InFlight(signaturesInFlight, RENEWALS_PER_NODE);
  const certificates = new NodeCertificates({
    ...ownParts,
    renewals,
    role: nodeRole,
    ttl: nodeTtl,
  });
  const inFlight = new InFlight(signaturesInFlight, signaturesInFlightPerNode);
  const role = config.vault.workload.svidRole;
  const signer = new SvidSigner({ state, issuance, inFlight, audit, role });
  const callers = new NodeCallers({ db, state, audit, clock, trustDomain });
  const tokens = new JoinTokens(db, audit, clock);
  const caSha256 = certificatePin(controlRoots[0] ?? Buffer.alloc(0));
  const attestation = new AttestationService({
    attestors: [tokens],
    certificates,
    audit,
    onJoined: (id) => hub.drop(id, new SignetError("NODE_SERIAL_STALE", "The node joined again.")),
  });
  const adminParts = {
    db,
    tokens,
    applier: new Applier(state, trustDomain, clock),
    listings: new Listings({ db, state, hub, trustDomain }),
    revoker: new Revoker(state, trustDomain, clock, wake),
    hub,
    audit,
    log,
    caSha256,
  };

  const listeners = closers.add(new Listeners(), (one) => one.close(config.shutdownSeconds * 1000));
  closers.add(hub, (one) => one.close()); // First, because open streams would hold the listeners.
  const ports = await listeners.open({
    nodes: { address: config.listen.nodes, credentials: new TlsCredentials(own, controlRoots) },
    attestation: { address: config.listen.attestation, credentials: new TlsCredentials(own) },
    adminSocket: config.listen.adminSocket,
    nodeHandlers: nodeHandlers({ callers, certificates, signer, hub, log }),
    attestationHandlers: attestation.handlers(),
    adminHandlers: adminHandlers(adminParts, certificateCallers(state, trustDomain, clock, audit)),
    socketHandlers: adminHandlers(adminParts, socketCaller),
  });
  revoking.start(); // Its SecretID may not last until something is revoked.
  messenger.wake(); // What a stop left in the queue.
  log.info({ ports, caSha256 }, "serving");
  const reload = () => {
    try {
      vault.trust(readVaultCa(config));
    } finally {
      for (const one of [signing, revoking, heldRoles]) one.tryAgain();
    }
  };
  return { ports, caSha256, reload, stop: () => closers.close() };
}

function openVault(config: SignerConfig, { clock, log }: SignerDeps): Vault {
  const { address, timeoutMs, deadlineMs } = config.vault;
  const maxConnections = config.vault.maxConnections + SPARE_CONNECTIONS;
  const ca = readVaultCa(config);
  return new Vault({ address, ca, timeoutMs, deadlineMs, maxConnections, clock, log });
}

/** @throws SignetError CONFIG_UNREADABLE; an empty CA would be taken for the system's */
function readVaultCa({ vault: { caFile } }: SignerConfig): string | undefined {
  if (caFile === "") return undefined;
  try {
    const ca = readFileSync(caFile, "utf8");
    const certificates = fromPem(ca).map((der) => new X509Certificate(der));
    if (certificates.length === 0) throw new Error("there is no certificate in it");
    return ca;
  } catch (cause) {
    throw new SignetError(
      "CONFIG_UNREADABLE",
      `vault.caFile: ${caFile} holds no certificates that can be read`,
      { cause },
    );
  }
}

async function readIssuers(vault: Vault, { vault: keys }: SignerConfig): Promise<Issuers> {
  const roots = async (mount: string) => fromPem(await vault.root(mount));
  return {
    workload: { mount: keys.workload.mount, roots: await roots(keys.workload.rootMount) },
    control: { mount: keys.control.mount, roots: await roots(keys.control.rootMount) },
  };
}
