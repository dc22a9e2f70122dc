// SPDX-License-Identifier: Apache-2.0

import { nodeIdOf, parseSpiffeId, pathOf, SignetError, trustDomainOf } from "@signet/contract";
import { seconds, type Clock } from "../clock.js";
import type { AtRevision, Changed, CurrentState } from "../state/current-state.js";
import type { Query } from "../store/database.js";
import {
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
import type { CertificateRow, Issuer, RevocationRow } from "../store/schema.js";

/** What a revocation did. */
export interface Revoked {
  readonly revocation: RevocationRow;
  /** Serials of certificates in force that it ends. */
  readonly serials: readonly string[];
}

const LONGEST_REASON = 256;
const SERIAL = /^(?!00)[0-9a-f]{2,40}$/;
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
    if (!SERIAL.test(serial)) {
      throw new SignetError("REQUEST_INVALID", "A serial is lower-case hex without separators.");
    }
    checkReason(reason);
    return this.#change(async (trx, now) => {
      const certificate = await findCertificate(trx, serial);
      if (certificate === undefined) throw new SignetError("CERTIFICATE_UNKNOWN");
      const before = await findRevocation(trx, "serial", serial);
      if (before !== undefined) return unchanged(before);
      const revocation = await this.#revokeCertificate(trx, certificate, reason, now);
      await queueForVault(trx, [certificate], revocation.id, now);
      const serials = certificate.not_after >= now ? [serial] : [];
      return { result: { revocation, serials }, changed: "revocations" };
    });
  }

  /**
   * Bans a SPIFFE ID until it is unbanned: a workload's, a node's or an administrator's.
   * @throws SignetError SPIFFE_ID_INVALID, REQUEST_INVALID
   */
  async identity(spiffeId: string, reason: string): Promise<AtRevision<Revoked>> {
    this.#checkIdentity(spiffeId);
    checkReason(reason);
    return this.#change(async (trx, now) => {
      const before = await findRevocation(trx, "spiffe_id", spiffeId);
      if (before !== undefined) return unchanged(before);
      const ended = (await unexpiredCertificates(trx, spiffeId, now)).filter(isInForce);
      await markIdentityRevoked(trx, spiffeId, now);
      await raiseRevocationEpoch(trx, { kind: "spiffe_id", value: spiffeId });
      const issuer = issuerOf(spiffeId);
      const what = { issuer, kind: "spiffe_id", value: spiffeId } as const;
      const revocation = await addRevocation(trx, {
        ...what,
        revoked_at: now,
        reason,
        until: null,
      });
      await queueForVault(trx, ended, revocation.id, now);
      const serials = ended.map((certificate) => certificate.serial);
      return { result: { revocation, serials }, changed: "revocations" };
    });
  }

  /**
   * Ends a ban. The certificates that it ended stay dead: each becomes a revocation of its own.
   * @throws SignetError IDENTITY_NOT_BANNED
   */
  async unban(spiffeId: string): Promise<void> {
    this.#checkIdentity(spiffeId);
    await this.#change(async (trx, now) => {
      const ban = await findRevocation(trx, "spiffe_id", spiffeId);
      if (ban === undefined) throw new SignetError("IDENTITY_NOT_BANNED");
      await liftRevocation(trx, ban.id, now);
      for (const certificate of await unexpiredCertificates(trx, spiffeId, now)) {
        if ((await findRevocation(trx, "serial", certificate.serial)) !== undefined) continue;
        await this.#revokeCertificate(trx, certificate, ban.reason, ban.revoked_at);
      }
      return { result: undefined, changed: "revocations" };
    });
  }

  async #revokeCertificate(
    trx: Query,
    { issuer, serial, not_after }: CertificateRow,
    reason: string,
    revokedAt: number,
  ): Promise<RevocationRow> {
    await markSerialRevoked(trx, issuer, serial, revokedAt);
    const until = not_after + GRACE_SECONDS;
    const what = { issuer, kind: "serial", value: serial } as const;
    return addRevocation(trx, { ...what, revoked_at: revokedAt, reason, until });
  }

  async #change<T>(work: (trx: Query, now: number) => Promise<Changed<T>>) {
    const done = await this.#state.change((trx) => work(trx, seconds(this.#clock)));
    this.#onQueued();
    return done;
  }

  #checkIdentity(spiffeId: string): void {
    const id = parseSpiffeId(spiffeId);
    if (trustDomainOf(id) !== this.#trustDomain || pathOf(id) === "") {
      throw new SignetError(
        "REQUEST_INVALID",
        `A SPIFFE ID of the trust domain ${this.#trustDomain} must be named, with its path.`,
      );
    }
    if (pathOf(id) === "/signet/signer") {
      throw new SignetError("REQUEST_INVALID", "The signer can't ban itself.");
    }
  }
}

function issuerOf(spiffeId: string): Issuer {
  const id = parseSpiffeId(spiffeId);
  return nodeIdOf(id) !== undefined || pathOf(id).startsWith("/signet/") ? "control" : "workload";
}

function isInForce({ revoked_at }: CertificateRow): boolean {
  return revoked_at === null;
}

function unchanged(revocation: RevocationRow): Changed<Revoked> {
  return { result: { revocation, serials: [] }, changed: "nothing" };
}

function checkReason(reason: string): void {
  if (reason.length > LONGEST_REASON) {
    throw new SignetError("REQUEST_INVALID", `A reason has at most ${LONGEST_REASON} characters.`);
  }
}
