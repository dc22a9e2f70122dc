// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from "@signet/contract";
import { Backoff } from "@signet/runtime/backoff.js";
import { pause, type Clock } from "@signet/runtime/clock.js";
import { installRefusal, type InstallRefusal } from "./install-refusal.js";

/** What an offer needs. */
export interface OfferParts {
  /** Hands the certificate to the kernel. @throws SignetError NETLINK_REFUSED */
  readonly install: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** Told of each refusal after which the certificate is offered again. */
  readonly onRefused: (code: ErrorCode, error: unknown) => void;
  readonly clock: Clock;
}

/** How an offer ended. */
export type OfferResult =
  | { readonly end: "taken" }
  /** The kernel's request waits no more, or the offer was dropped. */
  | { readonly end: "superseded" }
  /** The kernel will never take this certificate. */
  | { readonly end: "hopeless"; readonly code: ErrorCode; readonly error: unknown };

const FIRST_DELAY_MS = 250;
const LARGEST_DELAY_MS = 10_000;
/** A root that is on its way comes within this time; after it, another certificate may have one. */
const ROOT_WAIT_MS = 60_000;

/** A certificate that is offered to the kernel until it takes it, or never will. */
export class Offer {
  readonly #parts: OfferParts;
  readonly #backoff: Backoff;
  #pause = new AbortController();
  #dropped = false;
  /** When its chain first ended at no root in force, milliseconds since 1970. */
  #rootlessSince: number | undefined;

  constructor(parts: OfferParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.clock, FIRST_DELAY_MS, LARGEST_DELAY_MS);
  }

  /** Offers it; to be called once. Does not reject. */
  async result(): Promise<OfferResult> {
    const { onRefused } = this.#parts;
    let unsure = false;
    while (!this.#dropped) {
      const answer = await this.#install();
      if (answer === "taken") return { end: "taken" };
      const { error } = answer;
      const refusal = installRefusal(error);
      if (refusal === undefined) return { end: unsure ? "taken" : "superseded" };
      const hopeless = this.#hopelessFor(refusal);
      if (hopeless !== undefined) return { end: "hopeless", code: hopeless, error };
      unsure ||= refusal.unsure;
      onRefused(refusal.code, error);
      await this.#wait();
    }
    return { end: "superseded" };
  }

  /** Roots or the policy changed: it is offered again at once. */
  again(): void {
    this.#backoff.reset();
    this.#pause.abort();
  }

  /** Offers it no more. */
  drop(): void {
    this.#dropped = true;
    this.#pause.abort();
  }

  async #install(): Promise<"taken" | { readonly error: unknown }> {
    try {
      await this.#parts.install();
      return "taken";
    } catch (error) {
      return { error };
    }
  }

  /** Why no later offer can do better; undefined when one may. */
  #hopelessFor({ code, passing }: InstallRefusal): ErrorCode | undefined {
    if (!passing) return code;
    const now = this.#parts.clock.now();
    if (now >= this.#parts.notAfter) return "SVID_EXPIRED";
    if (code !== "SVID_CHAIN") return undefined;
    this.#rootlessSince ??= now;
    return now - this.#rootlessSince >= ROOT_WAIT_MS ? code : undefined;
  }

  async #wait(): Promise<void> {
    if (this.#dropped) return;
    this.#pause = new AbortController();
    await pause(this.#parts.clock, this.#backoff.next(), this.#pause.signal);
  }
}
