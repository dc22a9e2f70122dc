// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { Backoff } from "@signet/runtime/backoff.js";
import type { Cancel, Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import { demand } from "../netlink/attributes.js";
import type { IdentityGetReply, SvidRequestEvent } from "../netlink/family.generated.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import { refusedWith } from "../netlink/refusal.js";
import { renewalTime, type Lifetime } from "./renewal-time.js";
import type { SigningRequest } from "./signing-queue.js";
import { SvidRequest, type KernelRequest, type RequestEnd } from "./svid-request.js";

/** What issuance needs. */
export interface IssuanceParts {
  readonly module: Pick<KernelModule, "installSvid" | "refuseSvid" | "renewSvid">;
  /** Has one request signed. @throws SignetError */
  readonly sign: (request: SigningRequest) => Promise<messages.SvidResult>;
  readonly clock: Clock;
  readonly log: Log;
}

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
  /** The kernel's request that is being dealt with. */
  request?: SvidRequest;
  /** What was logged last, so that a state is said once. */
  said?: string;
  cancelTimer?: Cancel;
}

const FIRST_DELAY_MS = 250;
const LARGEST_DELAY_MS = 30_000;
/** An overdue certificate, of which there may be many after a start, is renewed within this time. */
const OVERDUE_SPREAD_MS = 2000;

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
      const hasCertificate = reply.notAfter !== undefined;
      if (identity.request !== undefined) {
        identity.hasCertificate ||= hasCertificate;
        continue;
      }
      identity.hasCertificate = hasCertificate;
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
    if (identity.request?.generation === request.generation) return;
    this.#stopWaiting(identity);
    identity.entryId = request.entryId;
    identity.refused = false;
    void this.#serve(identity, request);
  }

  /** Entries or revocations changed: what was refused may be possible now. */
  reconsider(): void {
    for (const identity of this.#identities.values()) {
      if (identity.refused) this.#renew(identity);
    }
  }

  /** Roots or the policy changed: certificates that the kernel did not take may be good now. */
  offerAgain(): void {
    for (const { request } of this.#identities.values()) request?.offerAgain();
  }

  /** Certificates of these entries are to live for another time: each is replaced soon. */
  replace(entryIds: ReadonlySet<string>): void {
    const { clock } = this.#parts;
    for (const identity of this.#identities.values()) {
      if (identity.entryId === undefined || !entryIds.has(identity.entryId)) continue;
      if (identity.request !== undefined) identity.outdated = true;
      else if (identity.hasCertificate) this.#schedule(identity, clock.now());
    }
  }

  /** Cancels every timer. */
  stop(): void {
    for (const identity of this.#identities.values()) this.#forget(identity);
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
    const now = clock.now();
    this.#at(identity, at > now ? at : now + clock.random() * OVERDUE_SPREAD_MS, () => {
      this.#renew(identity);
    });
  }

  #at(identity: Identity, time: number, call: () => void): void {
    identity.cancelTimer?.();
    identity.cancelTimer = this.#parts.clock.at(time, call);
  }

  #later(identity: Identity, delayMs: number, call: () => void): void {
    identity.cancelTimer?.();
    identity.cancelTimer = this.#parts.clock.after(delayMs, call);
  }

  /** The kernel answers with a request, which may be one that got lost; until then it is asked again. */
  #renew(identity: Identity): void {
    this.#later(identity, identity.backoff.next() + LARGEST_DELAY_MS / 3, () => {
      this.#renew(identity);
    });
    this.#parts.module.renewSvid(identity.id).catch((error: unknown) => {
      const errno = refusedWith(error);
      if (errno === "ENOENT") this.#forget(identity);
      // EALREADY: the kernel sends its request once more, or will when it can.
      else if (errno !== "EALREADY") {
        this.#warn(identity, errno ?? "", { err: error }, "renewal not begun");
      }
    });
  }

  async #serve(identity: Identity, kernelRequest: KernelRequest): Promise<void> {
    const { module, sign, clock } = this.#parts;
    const request = new SvidRequest(kernelRequest, {
      module,
      sign,
      clock,
      backoff: identity.backoff,
      hasCertificate: () => identity.hasCertificate,
      warn: (code, fields, message) => {
        this.#warn(identity, code, fields, message);
      },
    });
    identity.request = request;
    const end = await request.run();
    if (end.end === "installed") identity.hasCertificate = true;
    // A newer request may have come meanwhile.
    if (identity.request !== request) return;
    delete identity.request;
    this.#goOn(identity, kernelRequest, end);
  }

  #goOn(identity: Identity, request: KernelRequest, end: RequestEnd): void {
    switch (end.end) {
      case "installed":
        this.#installed(identity, request, end.svid);
        break;
      case "refused":
        identity.refused = end.final;
        break;
      case "useless":
        this.#later(identity, end.delayMs, () => {
          this.#renew(identity);
        });
        break;
      case "superseded":
        this.#parts.log.debug({ identity: identity.id }, "the request was superseded");
    }
  }

  #installed(identity: Identity, request: KernelRequest, svid: messages.Svid): void {
    const { id, generation, spiffeId } = request;
    delete identity.said;
    identity.backoff.reset();
    const lifetime = {
      issuedAt: Number(svid.issuedAt) * 1000,
      notAfter: Number(svid.notAfter) * 1000,
    };
    const renewAt = identity.outdated === true ? this.#parts.clock.now() : this.#draw(lifetime);
    delete identity.outdated;
    this.#schedule(identity, renewAt);
    this.#parts.log.info(
      { identity: id, spiffeId, generation, serial: svid.serial, renewAt: new Date(renewAt) },
      "certificate installed",
    );
  }

  /** Says a state when it begins, not at each try that finds it unchanged. */
  #warn(identity: Identity, code: string, fields: object, message: string): void {
    const state = `${code} ${message}`;
    if (identity.said === state) return;
    identity.said = state;
    this.#parts.log.warn({ identity: identity.id, code, ...fields }, message);
  }

  #stopWaiting(identity: Identity): void {
    identity.cancelTimer?.();
    delete identity.cancelTimer;
    identity.request?.drop();
    delete identity.request;
  }

  #forget(identity: Identity): void {
    this.#stopWaiting(identity);
    this.#identities.delete(identity.id);
  }
}
