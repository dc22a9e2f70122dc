// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import type { Backoff } from "@signet/runtime/backoff.js";
import { pause, type Clock } from "@signet/runtime/clock.js";
import type { SvidRequestEvent } from "../netlink/family.generated.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import { refusedWith } from "../netlink/refusal.js";
import { Offer } from "./offer.js";
import type { SigningRequest } from "./signing-queue.js";

/** What the kernel wants signed. */
export type KernelRequest = Required<
  Pick<SvidRequestEvent, "id" | "spiffeId" | "entryId" | "generation" | "csr">
>;

/** What a request needs. */
export interface SvidRequestParts {
  readonly module: Pick<KernelModule, "installSvid" | "refuseSvid">;
  /** Has one request signed. @throws SignetError */
  readonly sign: (request: SigningRequest) => Promise<messages.SvidResult>;
  readonly clock: Clock;
  /** Of the identity: its delays grow until a certificate is installed. */
  readonly backoff: Backoff;
  /** True while an older certificate serves. */
  readonly hasCertificate: () => boolean;
  /** Logs a state of the request, at each try that finds it. */
  readonly warn: (code: string, fields: object, message: string) => void;
}

/** How a request ended. */
export type RequestEnd =
  | { readonly end: "installed"; readonly svid: messages.Svid }
  /** The kernel knows, and asks anew when a connection wants it; if final, when something changed. */
  | { readonly end: "refused"; readonly final: boolean }
  /** The kernel is to be asked for another request after this delay, milliseconds. */
  | { readonly end: "useless"; readonly delayMs: number }
  /** The kernel waits for it no more. */
  | { readonly end: "superseded" };

/** How often a request is tried before connections that wait for it are let fail. */
const ATTEMPTS_WITHOUT_CERTIFICATE = 3;
/** Only a change of policy can help with these; all else, Vault's refusals included, may pass. */
const FINAL = /^(CSR_|ENTRY_|IDENTITY_REVOKED$)/;

/** One request of the kernel, from its arrival until it has a certificate or there will be none. */
export class SvidRequest {
  readonly #parts: SvidRequestParts;
  readonly #request: KernelRequest;
  readonly #dropped = new AbortController();
  #offer: Offer | undefined;

  constructor(request: KernelRequest, parts: SvidRequestParts) {
    this.#request = request;
    this.#parts = parts;
  }

  get generation(): number {
    return this.#request.generation;
  }

  /** Does what can be done; to be called once. Does not reject. */
  async run(): Promise<RequestEnd> {
    try {
      return await this.#run();
    } catch (error) {
      const errno = refusedWith(error);
      if (errno === "ESTALE" || errno === "ENOENT") return { end: "superseded" };
      this.#warn(
        errno ?? "",
        { err: error },
        "the kernel was not told that there is no certificate",
      );
      return { end: "useless", delayMs: this.#parts.backoff.next() };
    }
  }

  /** Roots or the policy changed: a certificate that the kernel did not take may be good now. */
  offerAgain(): void {
    this.#offer?.again();
  }

  /** Does no more for it. */
  drop(): void {
    this.#dropped.abort();
    this.#offer?.drop();
  }

  async #run(): Promise<RequestEnd> {
    for (let attempt = 1; !this.#isDropped(); attempt++) {
      const outcome = await this.#sign();
      if (this.#isDropped()) break;
      if ("svid" in outcome) return this.#install(outcome.svid);
      const refused = await this.#notSigned(outcome, attempt);
      if (refused !== undefined) return refused;
    }
    return { end: "superseded" };
  }

  #isDropped(): boolean {
    return this.#dropped.signal.aborted;
  }

  async #sign(): Promise<{ svid: messages.Svid } | messages.SvidRefusal> {
    const { entryId, csr } = this.#request;
    try {
      const { svid, refusal } = await this.#parts.sign({ entryId, csr });
      if (svid) return { svid };
      return refusal ?? { code: "INTERNAL", message: "Neither SVID nor refusal.", retryable: true };
    } catch (error) {
      const { code, message } = SignetError.from(error);
      return { code, message, retryable: true };
    }
  }

  /**
   * While an older certificate serves, a failure is nobody's business but the log's.
   *
   * @returns undefined when it is to be tried again.
   */
  async #notSigned(
    { code, message, retryable }: messages.SvidRefusal,
    attempt: number,
  ): Promise<RequestEnd | undefined> {
    const { clock, backoff, hasCertificate } = this.#parts;
    this.#warn(code, { message, retryable }, "not signed");
    const final = FINAL.test(code);
    const delay = retryable ? backoff.next() : backoff.largest();
    const soon = retryable && attempt < ATTEMPTS_WITHOUT_CERTIFICATE;
    if (!final && (hasCertificate() || soon)) {
      await pause(clock, delay, this.#dropped.signal);
      return undefined;
    }
    await this.#refuse(code, final ? 0 : delay);
    return { end: "refused", final };
  }

  async #install(svid: messages.Svid): Promise<RequestEnd> {
    const { module, clock, backoff } = this.#parts;
    const { id, generation } = this.#request;
    this.#offer = new Offer({
      install: () => module.installSvid({ id, generation, certificate: svid.chain }),
      notAfter: Number(svid.notAfter) * 1000,
      onRefused: (code, error) => {
        this.#warn(code, { err: error }, "the certificate waits for the kernel to take it");
        this.#explain(code);
      },
      clock,
    });
    const result = await this.#offer.result();
    if (result.end === "taken") return { end: "installed", svid };
    if (result.end === "superseded") return { end: "superseded" };
    const { code, error } = result;
    this.#warn(code, { err: error }, "the kernel will not take the certificate");
    const delayMs = backoff.next();
    await this.#refuse(code, delayMs);
    return { end: "useless", delayMs };
  }

  /** The kernel keeps its request, and shows why there is no certificate yet. */
  #explain(refusal: string): void {
    const { id, generation } = this.#request;
    // What fails here is told again after the next try.
    this.#parts.module
      .refuseSvid({ id, generation, refusal, pending: true })
      .catch(() => undefined);
  }

  #refuse(refusal: string, delayMs: number): Promise<void> {
    const { id, generation } = this.#request;
    const retryAfterMs = Math.ceil(delayMs);
    return this.#parts.module.refuseSvid({ id, generation, refusal, retryAfterMs });
  }

  #warn(code: string, fields: object, message: string): void {
    const { spiffeId, generation } = this.#request;
    this.#parts.warn(code, { spiffeId, generation, ...fields }, message);
  }
}
