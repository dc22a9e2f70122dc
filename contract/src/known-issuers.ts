// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";

const MOST = 64;

/**
 * Issuers and roots, which are few and come again with every chain: each is parsed once, and each
 * signature of one by another is verified once. Bounded: when it is full it starts anew.
 */
export class KnownIssuers {
  readonly #parsed = new Map<string, X509Certificate>();
  readonly #signers = new WeakMap<X509Certificate, WeakSet<X509Certificate>>();

  /** The certificate of these bytes, DER. @throws what X509Certificate does */
  parse(der: Uint8Array): X509Certificate {
    const key = Buffer.from(der).toString("latin1");
    const known = this.#parsed.get(key);
    if (known !== undefined) return known;
    if (this.#parsed.size >= MOST) this.#parsed.clear();
    const certificate = new X509Certificate(der);
    this.#parsed.set(key, certificate);
    return certificate;
  }

  /** True when `issuer` signed `certificate`: names, key identifiers, keyUsage and signature fit. */
  signed(issuer: X509Certificate, certificate: X509Certificate): boolean {
    if (this.#signers.get(certificate)?.has(issuer) === true) return true;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return false;
    const signers = this.#signers.get(certificate) ?? new WeakSet();
    this.#signers.set(certificate, signers.add(issuer));
    return true;
  }
}
