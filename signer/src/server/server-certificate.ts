// SPDX-License-Identifier: Apache-2.0

import { generateKeyPairSync } from "node:crypto";
import { signerSpiffeId, toPem } from "@signet/contract";
import type { Cancel, Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import type { Audit } from "../audit.js";
import type { Issuance } from "../signing/issuance.js";
import { writeCertificateRequest } from "../signing/request-writer.js";

/** A certificate and its key, PEM, as a TLS server takes them. */
export interface ServerIdentity {
  /** Leaf first, with the root, which joining nodes look for. */
  readonly chain: Buffer;
  readonly key: Buffer;
}

/** What ServerCertificate works with. */
export interface ServerCertificateParts {
  readonly issuance: Issuance;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Log;
  readonly trustDomain: string;
  /** Vault's role for signers. */
  readonly role: string;
  /** Seconds. */
  readonly ttl: number;
  /** The control plane's roots, DER. */
  readonly controlRoots: readonly Buffer[];
}

const RETRY_MS = 10_000;
const SHORTEST_MS = 1_000;

/** The signer's own certificate: its key is made here and stays in memory; replaced in time. */
export class ServerCertificate {
  readonly #parts: ServerCertificateParts;
  readonly #listeners = new Set<(identity: ServerIdentity) => void>();
  #cancel: Cancel | undefined;
  #closed = false;
  #identity: ServerIdentity | undefined;

  constructor(parts: ServerCertificateParts) {
    this.#parts = parts;
  }

  /** Calls a listener with the certificate, and with each that replaces it. */
  listen(listener: (identity: ServerIdentity) => void): void {
    this.#listeners.add(listener);
    if (this.#identity !== undefined) listener(this.#identity);
  }

  /**
   * Gets a certificate, and the next ones before half of each one's life is over.
   * @throws SignetError AUDIT_UNAVAILABLE, VAULT_*
   */
  async start(): Promise<void> {
    await this.#renew();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #renew(): Promise<void> {
    const { audit, clock, ttl, controlRoots } = this.#parts;
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { svid, chain, issuedAt } = await audit.around(
      "signer.certificate",
      { ttl },
      () => this.#issue(keys),
      (issued) => ({ serial: issued.svid.serial }),
    );
    this.#identity = {
      chain: Buffer.from([...chain, ...controlRoots].map(toPem).join("")),
      key: Buffer.from(keys.privateKey.export({ type: "pkcs8", format: "pem" })),
    };
    for (const listener of this.#listeners) listener(this.#identity);
    const half = (svid.notAfter.getTime() / 1000 - issuedAt) / 2;
    const due = (issuedAt + half * (0.8 + 0.15 * clock.random())) * 1000;
    if (this.#closed) return;
    this.#cancel = clock.at(Math.max(due, clock.now() + SHORTEST_MS), () => this.#renewAgain());
  }

  #issue(keys: ReturnType<typeof generateKeyPairSync>) {
    const { issuance, trustDomain, role, ttl } = this.#parts;
    const spiffeId = signerSpiffeId(trustDomain);
    return issuance.issue({
      issuer: "control",
      role,
      spiffeId,
      csr: writeCertificateRequest(keys, spiffeId),
      publicKey: keys.publicKey.export({ type: "spki", format: "der" }),
      ttl,
      nodeId: "",
      entryId: "",
    });
  }

  #renewAgain(): void {
    const { clock, log } = this.#parts;
    this.#renew().catch((error: unknown) => {
      if (this.#closed) return;
      log.error({ err: error }, "the signer's certificate could not be replaced yet");
      this.#cancel = clock.after(RETRY_MS, () => this.#renewAgain());
    });
  }
}
