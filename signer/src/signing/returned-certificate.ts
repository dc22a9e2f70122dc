// SPDX-License-Identifier: Apache-2.0

import { checkSvidChain, fromPem, SignetError, type Svid } from "@signet/contract";
import type { Signed } from "../vault/vault.js";

/** What a certificate was asked to be. */
export interface Asked {
  readonly spiffeId: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Seconds. */
  readonly ttl: number;
}

/** A certificate that is what it was asked to be. */
export interface CheckedCertificate {
  readonly svid: Svid;
  /** DER, leaf first, without the root. */
  readonly chain: readonly Buffer[];
  /** When Vault signed it, seconds since 1970. */
  readonly issuedAt: number;
}

// Between Vault's clock and ours, and what Vault may set NotBefore back.
const CLOCK_SKEW = 60;
const LONGEST_BACKDATE = 300;

/**
 * Reads back what Vault signed: that it is an SVID for the key and the ID that were asked for, lasts
 * as long as asked, and chains to a root.
 * @param roots DER
 * @throws SignetError VAULT_BAD_CERTIFICATE
 */
export function checkReturned(
  signed: Signed,
  asked: Asked,
  roots: readonly Buffer[],
  now: Date,
): CheckedCertificate {
  const leaves = fromPem(signed.certificate);
  if (leaves.length !== 1) throw bad(`it returned ${leaves.length} certificates`);
  const issuers = signed.chain.flatMap(fromPem).filter((der) => !roots.some((r) => r.equals(der)));
  const chain = [...leaves, ...issuers];
  const svid = checkChain(chain, roots, now);
  if (svid.spiffeId !== asked.spiffeId) throw bad(`it is for ${svid.spiffeId}`);
  if (!svid.publicKey.equals(asked.publicKey)) throw bad("it is for another key");
  if (svid.serial !== withoutLeadingZeros(signed.serial)) throw bad("its serial is another");
  const notAfter = svid.notAfter.getTime() / 1000;
  const lifetime = notAfter - svid.notBefore.getTime() / 1000;
  const left = notAfter - now.getTime() / 1000;
  if (lifetime < asked.ttl) throw bad("its lifetime was cut");
  if (lifetime > asked.ttl + LONGEST_BACKDATE) throw bad("it lasts longer than asked");
  const apart = Math.round(Math.abs(left - asked.ttl));
  if (apart > CLOCK_SKEW) throw bad(`Vault's clock and the signer's are ${apart} s apart`);
  if (notAfter !== signed.expiration) throw bad("its expiration is another");
  return { svid, chain, issuedAt: notAfter - asked.ttl };
}

function checkChain(chain: readonly Buffer[], roots: readonly Buffer[], now: Date): Svid {
  try {
    return checkSvidChain(chain, roots, now);
  } catch (cause) {
    const { code, message } = SignetError.from(cause);
    const isTime = code === "SVID_NOT_YET_VALID" || code === "SVID_EXPIRED";
    throw bad(isTime ? `Vault's clock and the signer's are apart (${message})` : message, cause);
  }
}

/** A serial as Signet writes it: lower-case hex without leading zero octets. */
export function withoutLeadingZeros(serial: string): string {
  return serial.replace(/^(?:00)+(?=..)/, "");
}

function bad(why: string, cause?: unknown): SignetError {
  const message = `Vault returned a certificate other than the one asked for: ${why}.`;
  return new SignetError("VAULT_BAD_CERTIFICATE", message, { cause });
}
