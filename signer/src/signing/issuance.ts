// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { SignetError, toPem } from "@signet/contract";
import { seconds, type Clock } from "@signet/runtime/clock.js";
import type { FairQueue } from "@signet/runtime/fair-queue.js";
import type { Database, Query } from "../store/database.js";
import { addCertificate, closeIntent, openIntent } from "../store/ledger.js";
import { queueForVault, revocationEpoch } from "../store/revocations.js";
import type { Issuer } from "../store/schema.js";
import type { HeldRoles } from "../vault/held-roles.js";
import type { VaultSession } from "../vault/session.js";
import type { Signed, Vault } from "../vault/vault.js";
import { banOf, subjectsOf, type Order } from "./order.js";
import {
  checkReturned,
  withoutLeadingZeros,
  type CheckedCertificate,
} from "./returned-certificate.js";
import { Wait } from "./wait.js";

/** Where each issuer is in Vault, and the roots that it must chain to (DER). */
export type Issuers = Readonly<Record<Issuer, { mount: string; roots: readonly Buffer[] }>>;

/** What Issuance works with. */
export interface IssuanceParts {
  readonly db: Database;
  readonly vault: Pick<Vault, "sign">;
  readonly session: Pick<VaultSession, "with">;
  readonly heldRoles: HeldRoles;
  readonly issuers: Issuers;
  readonly clock: Clock;
  readonly trustDomain: string;
  /** Whose request Vault is asked next: each node's in turn, the signer's own among them. */
  readonly asking: FairQueue<string>;
  /** Called when a certificate waits to be put on Vault's CRL. */
  readonly onDiscarded: () => void;
}

interface Intent {
  readonly id: number;
  readonly epoch: number;
}

interface Answer {
  readonly signed?: Signed;
  readonly checked?: CheckedCertificate;
  readonly error?: SignetError;
}

/**
 * Has Vault sign, by the ledger's rule: the intent is recorded before Vault is asked, the serial
 * before anything is delivered. What was revoked in between is discarded, and revoked.
 */
export class Issuance {
  readonly #parts: IssuanceParts;

  constructor(parts: IssuanceParts) {
    this.#parts = parts;
  }

  /**
   * One order.
   * @throws SignetError IDENTITY_REVOKED, VAULT_*, DATABASE_UNAVAILABLE, LIMIT_REACHED,
   * DEADLINE_EXCEEDED, CANCELLED
   */
  async issue(order: Order, gone?: AbortSignal): Promise<CheckedCertificate> {
    const [result] = await this.issueAll([order], gone);
    if (result === undefined || result instanceof SignetError)
      throw result ?? new SignetError("INTERNAL");
    return result;
  }

  /**
   * Several orders with two transactions in all; a result or an error for each.
   * @param gone aborts when nobody waits any more: Vault isn't asked for what still waits
   */
  async issueAll(
    orders: readonly Order[],
    gone?: AbortSignal,
  ): Promise<(CheckedCertificate | SignetError)[]> {
    const wait = new Wait(this.#parts.clock, gone);
    try {
      return await this.#issueAll(orders, wait);
    } finally {
      wait.end();
    }
  }

  async #issueAll(orders: readonly Order[], wait: Wait) {
    const { db } = this.#parts;
    const intents = await db
      .transaction()
      .execute((trx) => each(orders, (order) => this.#open(trx, order).catch(refusalOf)));
    const answers = await Promise.all(
      orders.map(async (order, i): Promise<Answer> => {
        const intent = intents[i];
        return intent instanceof SignetError ? { error: intent } : this.#ask(order, wait);
      }),
    );
    return db
      .transaction()
      .execute((trx) =>
        each(orders, (order, i) => this.#close(trx, order, intents[i], answers[i] ?? {})),
      );
  }

  async #open(trx: Query, order: Order): Promise<Intent> {
    const { clock, trustDomain } = this.#parts;
    const ban = await banOf(trx, order, trustDomain);
    if (ban !== undefined) throw ban;
    await order.recheck?.(trx);
    const epoch = await revocationEpoch(trx, subjectsOf(order));
    const id = await openIntent(trx, {
      issuer: order.issuer,
      spiffe_id: order.spiffeId,
      node_id: order.nodeId,
      entry_id: order.entryId,
      key_hash: createHash("sha256").update(order.publicKey).digest("hex"),
      ttl: order.ttl,
      revocation_epoch: epoch,
      requested_at: seconds(clock),
    });
    return { id, epoch };
  }

  async #ask(order: Order, { turn, answer: inTime }: Wait): Promise<Answer> {
    const { vault, session, heldRoles, issuers, clock, asking } = this.#parts;
    const { mount, roots } = issuers[order.issuer];
    const answer: { signed?: Signed } = {};
    try {
      const work = async (token: string) => {
        answer.signed = await vault.sign(token, { ...order, mount }, inTime);
        return checkReturned(answer.signed, order, roots, new Date(clock.now()));
      };
      // In its turn, so that what is held meanwhile is not asked for.
      const sign = () => heldRoles.run({ ...order, mount }, () => session.with(work, inTime));
      const checked = await asking.run(order.nodeId, sign, turn);
      return { ...answer, checked };
    } catch (error) {
      return { ...answer, error: SignetError.from(error) };
    }
  }

  async #close(
    trx: Query,
    order: Order,
    intent: Intent | SignetError | undefined,
    { signed, checked, error }: Answer,
  ): Promise<CheckedCertificate | SignetError> {
    if (intent === undefined || intent instanceof SignetError)
      return intent ?? new SignetError("INTERNAL");
    if (checked === undefined) {
      const fault = error ?? new SignetError("INTERNAL");
      await closeIntent(trx, intent.id, "failed", fault.code);
      if (signed !== undefined) await this.#discard(trx, order, signed);
      return fault;
    }
    const refusal =
      (await this.#revokedMeanwhile(trx, order, intent)) ?? (await order.record?.(trx, checked));
    const revokedAt = refusal === undefined ? null : seconds(this.#parts.clock);
    await addCertificate(trx, this.#row(order, intent, checked), revokedAt);
    await closeIntent(trx, intent.id, refusal ? "discarded" : "issued", refusal?.code);
    if (refusal === undefined) return checked;
    if (signed !== undefined) await this.#discard(trx, order, signed);
    return refusal;
  }

  async #revokedMeanwhile(trx: Query, order: Order, { epoch }: Intent) {
    if ((await revocationEpoch(trx, subjectsOf(order))) === epoch) return undefined;
    const message = `Where ${order.spiffeId} may be held changed meanwhile; ask again.`;
    const ban = await banOf(trx, order, this.#parts.trustDomain);
    return ban ?? new SignetError("CANCELLED", message);
  }

  async #discard(trx: Query, { issuer }: Order, { serial, certificate }: Signed): Promise<void> {
    const { clock, onDiscarded } = this.#parts;
    const row = { issuer, serial: withoutLeadingZeros(serial), pem: certificate };
    await queueForVault(trx, [row], null, seconds(clock));
    onDiscarded();
  }

  #row(order: Order, intent: Intent, { svid, chain, issuedAt }: CheckedCertificate) {
    return {
      issuer: order.issuer,
      serial: svid.serial,
      intent_id: intent.id,
      spiffe_id: order.spiffeId,
      node_id: order.nodeId,
      entry_id: order.entryId,
      issued_at: issuedAt,
      not_before: svid.notBefore.getTime() / 1000,
      not_after: svid.notAfter.getTime() / 1000,
      pem: toPem(chain[0] ?? Buffer.alloc(0)),
    };
  }
}

/** A refusal is an answer; anything else fails the transaction. */
function refusalOf(error: unknown): SignetError {
  if (error instanceof SignetError && error.code !== "DATABASE_UNAVAILABLE") return error;
  throw error;
}

/** One after another, as a transaction needs it. */
async function each<A, B>(
  items: readonly A[],
  work: (item: A, index: number) => Promise<B>,
): Promise<B[]> {
  const results: B[] = [];
  for (const [i, item] of items.entries()) results.push(await work(item, i));
  return results;
}
