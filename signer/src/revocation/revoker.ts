// SPDX-License-Identifier: Apache-2.0

import { isReserved, nodeIdOf, SignetError } from "@signet/contract";
import { seconds, type Clock } from "@signet/runtime/clock.js";
import type { AtRevision, Changed, CurrentState } from "../state/current-state.js";
import type { Query } from "../store/database.js";
import {
  certificatesOfNode,
  findCertificate,
  markIdentityRevoked,
  markSerialRevoked,
  unexpiredCertificates,
} from "../store/ledger.js";
import {
  addRevocation,
  findRevocation,
  liftRevocation,
  queueForVault,
  raiseRevocationEpoch,
} from "../store/revocations.js";
import type { CertificateRow, RevocationRow } from "../store/schema.js";
import { isKnownIdentity } from "./known-identity.js";
import { checkIdentity, checkReason, checkSerial } from "./revocation-request.js";

/** What a revocation did. */
export interface Revoked {
  readonly revocation: RevocationRow;
  /** Serials of certificates in force that it ends. */
  readonly serials: readonly string[];
}

// A revoked serial is told of for a while after it expired, because clocks differ.
const GRACE_SECONDS = 3_600;

/** Revokes and unbans, each in one transaction that is pushed to the nodes as it commits. */
export class Revoker {
  readonly #state: CurrentState;
  readonly #trustDomain: string;
  readonly #clock: Clock;
  readonly #onQueued: () => void;

  /** @param onQueued called when certificates wait to be put on Vault's CRL */
  constructor(state: CurrentState, trustDomain: string, clock: Clock, onQueued: () => void) {
    this.#state = state;
    this.#trustDomain = trustDomain;
    this.#clock = clock;
    this.#onQueued = onQueued;
  }

  /** Revokes one certificate. @throws SignetError REQUEST_INVALID, CERTIFICATE_UNKNOWN */
  async serial(serial: string, reason: string): Promise<AtRevision<Revoked>> {
    checkSerial(serial);
    checkReason(reason);
    return this.#change(async (trx, now) => {
      const certificate = await findCertificate(trx, serial);
      if (certificate === undefined) throw new SignetError("CERTIFICATE_UNKNOWN");
      const before = await findRevocation(trx, "serial", serial);
      if (before !== undefined) return unchanged(before);
      const revocation = await this.#revokeCertificate(trx, certificate, reason, now);
      const serials = certificate.not_after >= now ? [serial] : [];
      return { result: { revocation, serials }, changed: "revocations" };
    });
  }

  /**
   * Bans a SPIFFE ID until it is unbanned: a workload's, a node's or an administrator's. With a node
   * end the workloads' certificates that it holds; they stay dead when it is unbanned.
   * @param force also when nothing is known to have it, which else is taken for a typing error
   * @throws SignetError SPIFFE_ID_INVALID, REQUEST_INVALID, IDENTITY_UNKNOWN
   */
  async identity(spiffeId: string, reason: string, force: boolean): Promise<AtRevision<Revoked>> {
    const id = checkIdentity(spiffeId, this.#trustDomain);
    checkReason(reason);
    return this.#change(async (trx, now) => {
      const before = await findRevocation(trx, "spiffe_id", id);
      if (before !== undefined) return unchanged(before);
      if (!force && !(await isKnownIdentity(trx, id))) throw new SignetError("IDENTITY_UNKNOWN");
      const ended = (await unexpiredCertificates(trx, id, now)).filter(isInForce);
      await markIdentityRevoked(trx, id, now);
      await raiseRevocationEpoch(trx, { kind: "spiffe_id", value: id });
      const issuer = isReserved(id) ? "control" : "workload";
      const what = { issuer, kind: "spiffe_id", value: id, revoked_at: now } as const;
      const revocation = await addRevocation(trx, { ...what, reason, until: null });
      await queueForVault(trx, ended, revocation.id, now);
      const held = await this.#endNode(trx, nodeIdOf(id), reason, now);
      const serials = [...ended, ...held].map((certificate) => certificate.serial);
      return { result: { revocation, serials }, changed: "revocations" };
    });
  }

  /**
   * Ends a ban. The certificates that it ended stay dead: each becomes a revocation of its own.
   * @throws SignetError IDENTITY_NOT_BANNED
   */
  async unban(spiffeId: string): Promise<void> {
    checkIdentity(spiffeId, this.#trustDomain);
    await this.#change(async (trx, now) => {
      const ban = await findRevocation(trx, "spiffe_id", spiffeId);
      if (ban === undefined) throw new SignetError("IDENTITY_NOT_BANNED");
      await liftRevocation(trx, ban.id, now);
      const ended = await unexpiredCertificates(trx, spiffeId, now - GRACE_SECONDS);
      for (const certificate of ended) {
        if ((await findRevocation(trx, "serial", certificate.serial)) !== undefined) continue;
        await this.#revokeCertificate(trx, certificate, ban.reason, ban.revoked_at);
      }
      return { result: undefined, changed: "revocations" };
    });
  }

  async #endNode(trx: Query, nodeId: string | undefined, reason: string, now: number) {
    if (nodeId === undefined) return [];
    await raiseRevocationEpoch(trx, { kind: "node", value: nodeId });
    const held = await certificatesOfNode(trx, nodeId, now);
    for (const one of held) await this.#revokeCertificate(trx, one, reason, now);
    return held;
  }

  async #revokeCertificate(
    trx: Query,
    certificate: CertificateRow,
    reason: string,
    revokedAt: number,
  ): Promise<RevocationRow> {
    const { issuer, serial, not_after } = certificate;
    await markSerialRevoked(trx, issuer, serial, revokedAt);
    const until = not_after + GRACE_SECONDS;
    const what = { issuer, kind: "serial", value: serial, revoked_at: revokedAt } as const;
    const revocation = await addRevocation(trx, { ...what, reason, until });
    await queueForVault(trx, [certificate], revocation.id, revokedAt);
    return revocation;
  }

  async #change<T>(work: (trx: Query, now: number) => Promise<Changed<T>>) {
    const done = await this.#state.change((trx) => work(trx, seconds(this.#clock)));
    this.#onQueued();
    return done;
  }
}

function isInForce({ revoked_at }: CertificateRow): boolean {
  return revoked_at === null;
}

function unchanged(revocation: RevocationRow): Changed<Revoked> {
  return { result: { revocation, serials: [] }, changed: "nothing" };
}
