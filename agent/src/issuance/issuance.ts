// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { Backoff } from "../backoff.js";
import type { Cancel, Clock } from "../clock.js";
import type { Log } from "../log.js";
import { demand } from "../netlink/attributes.js";
import type { IdentityGetReply, SvidRequestEvent } from "../netlink/family.generated.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import { refusedWith } from "../netlink/refusal.js";
import { renewalTime, type Lifetime } from "./renewal-time.js";
import type { SigningRequest } from "./signing-queue.js";

/** What issuance needs. */
export interface IssuanceParts {
  readonly module: Pick<KernelModule, "installSvid" | "refuseSvid" | "renewSvid">;
  /** Has one request signed. @throws SignetError */
  readonly sign: (request: SigningRequest) => Promise<messages.SvidResult>;
  readonly clock: Clock;
  readonly log: Log;
}

type Request = Required<
  Pick<SvidRequestEvent, "id" | "spiffeId" | "entryId" | "generation" | "csr">
>;

/** One kernel identity, as far as its certificates go. */
interface Identity {
  readonly id: number;
  readonly backoff: Backoff;
  entryId?: string;
  hasCertificate: boolean;
  /** Refused for good: only a change can help. */
  refused: boolean;
  /** What is being signed may be for another time than the entry says now. */
  outdated?: boolean;
  /** Of the request that is being signed. */
  signing?: number;
  cancelTimer?: Cancel;
}

const FIRST_DELAY_MS = 250;
const LARGEST_DELAY_MS = 30_000;
/** How often a request is tried before connections that wait for it are let fail. */
const ATTEMPTS_WITHOUT_CERTIFICATE = 3;
/** An overdue certificate, of which there may be many after a start, is renewed within this time. */
const OVERDUE_SPREAD_MS = 2000;
/** Only a change of policy can help with these; all else, Vault's refusals included, may pass. */
const FINAL = /^(CSR_|ENTRY_|IDENTITY_REVOKED$)/;
const SUPERSEDED: readonly (string | undefined)[] = ["ESTALE", "ENOENT"];

/** Keeps every identity of the kernel supplied with certificates. */
export class Issuance {
  readonly #parts: IssuanceParts;
  readonly #identities = new Map<number, Identity>();

  constructor(parts: IssuanceParts) {
    this.#parts = parts;
  }

  /**
   * Takes over what the kernel has: after a start, when messages were lost, or when certificates may
   * have been revoked. Moments that were drawn already stay.
   */
  resume(identities: readonly IdentityGetReply[]): void {
    for (const reply of identities) {
      const { id } = demand(reply, "id");
      const identity = this.#identity(id);
      if (reply.entryId !== undefined) identity.entryId = reply.entryId;
      if (identity.signing !== undefined) continue;
      identity.hasCertificate = reply.notAfter !== undefined;
      if (reply.revoked === true) this.#suspend(identity);
      else if (identity.cancelTimer === undefined) {
        this.#schedule(identity, this.#resumeAt(reply));
      }
    }
  }

  /** Has a request of the kernel signed. */
  request(event: SvidRequestEvent): void {
    const request = demand(event, "id", "spiffeId", "entryId", "generation", "csr");
    const identity = this.#identity(request.id);
    identity.cancelTimer?.();
    delete identity.cancelTimer;
    identity.entryId = request.entryId;
    identity.signing = request.generation;
    identity.refused = false;
    void this.#attempt(identity, request, 1);
  }

  /** Entries or revocations changed: what was refused may be possible now. */
  reconsider(): void {
    for (const identity of this.#identities.values()) {
      if (identity.refused) this.#renew(identity);
    }
  }

  /** Certificates of these entries are to live for another time: each is replaced soon. */
  replace(entryIds: ReadonlySet<string>): void {
    const { clock } = this.#parts;
    for (const identity of this.#identities.values()) {
      if (identity.entryId === undefined || !entryIds.has(identity.entryId)) continue;
      if (identity.signing !== undefined) identity.outdated = true;
      else if (identity.hasCertificate) this.#schedule(identity, clock.now());
    }
  }

  /** Cancels every timer. */
  stop(): void {
    for (const identity of this.#identities.values()) identity.cancelTimer?.();
    this.#identities.clear();
  }

  #identity(id: number): Identity {
    const known = this.#identities.get(id);
    if (known !== undefined) return known;
    const identity: Identity = {
      id,
      backoff: new Backoff(this.#parts.clock, FIRST_DELAY_MS, LARGEST_DELAY_MS),
      hasCertificate: false,
      refused: false,
    };
    this.#identities.set(id, identity);
    return identity;
  }

  #suspend(identity: Identity): void {
    identity.cancelTimer?.();
    delete identity.cancelTimer;
    identity.refused = true;
  }

  /** The kernel doesn't know when a certificate was issued; NotBefore is a little earlier. */
  #resumeAt({ notBefore, notAfter, pending }: IdentityGetReply): number {
    if (notBefore === undefined || notAfter === undefined || pending === true) return 0;
    return this.#draw({ issuedAt: Number(notBefore) * 1000, notAfter: Number(notAfter) * 1000 });
  }

  #draw(lifetime: Lifetime): number {
    return renewalTime(lifetime, this.#parts.clock.random());
  }

  #schedule(identity: Identity, at: number): void {
    const { clock } = this.#parts;
    const delay = at - clock.now();
    this.#later(identity, delay > 0 ? delay : clock.random() * OVERDUE_SPREAD_MS, () => {
      this.#renew(identity);
    });
  }

  #later(identity: Identity, delayMs: number, call: () => void): void {
    identity.cancelTimer?.();
    identity.cancelTimer = this.#parts.clock.after(delayMs, call);
  }

  /** The kernel answers with a request; until it does, it is asked again. */
  #renew(identity: Identity): void {
    this.#later(identity, identity.backoff.next() + LARGEST_DELAY_MS / 3, () => {
      this.#renew(identity);
    });
    this.#parts.module.renewSvid(identity.id).catch((error: unknown) => {
      const errno = refusedWith(error);
      if (errno === "ENOENT") this.#forget(identity);
      // EALREADY: the kernel has sent its request, or will when it can.
      else if (errno !== "EALREADY") {
        this.#parts.log.warn({ err: error, identity: identity.id }, "renewal not begun");
      }
    });
  }

  async #attempt(identity: Identity, request: Request, count: number): Promise<void> {
    const outcome = await this.#sign(request);
    if (identity.signing !== request.generation) return;
    try {
      if ("svid" in outcome) await this.#install(identity, request, outcome.svid);
      else await this.#fail(identity, request, outcome, count);
    } catch (error) {
      this.#dropped(identity, request, error);
    }
  }

  async #sign({ entryId, csr }: Request): Promise<{ svid: messages.Svid } | messages.SvidRefusal> {
    try {
      const { svid, refusal } = await this.#parts.sign({ entryId, csr });
      if (svid) return { svid };
      return refusal ?? { code: "INTERNAL", message: "Neither SVID nor refusal.", retryable: true };
    } catch (error) {
      const { code, message } = SignetError.from(error);
      return { code, message, retryable: true };
    }
  }

  async #install(identity: Identity, request: Request, svid: messages.Svid): Promise<void> {
    const { module, log } = this.#parts;
    const { id, generation, spiffeId } = request;
    await module.installSvid({ id, generation, certificate: svid.chain });
    delete identity.signing;
    identity.hasCertificate = true;
    identity.backoff.reset();
    const lifetime = {
      issuedAt: Number(svid.issuedAt) * 1000,
      notAfter: Number(svid.notAfter) * 1000,
    };
    const renewAt = identity.outdated === true ? this.#parts.clock.now() : this.#draw(lifetime);
    delete identity.outdated;
    this.#schedule(identity, renewAt);
    log.info(
      { identity: id, spiffeId, generation, serial: svid.serial, renewAt: new Date(renewAt) },
      "certificate installed",
    );
  }

  /** While an older certificate serves, a failure is nobody's business but the log's. */
  async #fail(
    identity: Identity,
    request: Request,
    { code, message, retryable }: messages.SvidRefusal,
    count: number,
  ): Promise<void> {
    const { module, log } = this.#parts;
    const { id, generation, spiffeId } = request;
    log.warn({ identity: id, spiffeId, generation, code, message, retryable }, "not signed");
    const final = FINAL.test(code);
    const delay = retryable ? identity.backoff.next() : identity.backoff.largest();
    const soon = retryable && count < ATTEMPTS_WITHOUT_CERTIFICATE;
    if (!final && (identity.hasCertificate || soon)) {
      this.#later(identity, delay, () => void this.#attempt(identity, request, count + 1));
      return;
    }
    delete identity.signing;
    identity.refused = final;
    const retryAfterMs = final ? 0 : Math.ceil(delay);
    await module.refuseSvid({ id, generation, refusal: code, retryAfterMs });
  }

  #dropped(identity: Identity, { generation }: Request, error: unknown): void {
    const { log } = this.#parts;
    delete identity.signing;
    if (SUPERSEDED.includes(refusedWith(error))) {
      log.debug({ identity: identity.id, generation }, "the request was superseded");
      return;
    }
    log.error({ err: error, identity: identity.id, generation }, "the kernel refused");
    this.#later(identity, identity.backoff.next(), () => {
      this.#renew(identity);
    });
  }

  #forget(identity: Identity): void {
    identity.cancelTimer?.();
    this.#identities.delete(identity.id);
  }
}
