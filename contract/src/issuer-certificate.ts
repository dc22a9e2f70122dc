// SPDX-License-Identifier: Apache-2.0

import { readCertificate, type Certificate } from "./certificate.js";
import { DerError, DerReader, TAG } from "./der.js";
import { SignetError } from "./signet-error.js";

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
/**
 * Extensions that an issuer may have marked critical. Name constraints are held against peers by
 * the kernel module; here only chains of one's own CA are judged.
 */
const UNDERSTOOD = [BASIC_CONSTRAINTS, KEY_USAGE, "2.5.29.30", "2.5.29.37"];
const KEY_CERT_SIGN = 0x04;

/**
 * Checks that a certificate, DER, may issue another (RFC 5280 §4.2.1.3, §4.2.1.9): cA=true,
 * keyCertSign, and a path length that allows the issuers below it.
 * @param below how many issuers are between it and the leaf
 * @throws SignetError SVID_CHAIN, SVID_MALFORMED
 */
export function checkIssuerCertificate(der: Uint8Array, below: number): void {
  try {
    check(readCertificate(der), below);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    const message = `A certificate of the chain is malformed: ${cause.message}.`;
    throw new SignetError("SVID_MALFORMED", message, { cause });
  }
}

function check({ extensions }: Certificate, below: number): void {
  const value = (oid: string) => extensions.find((item) => item.oid === oid)?.value;
  const strange = extensions.find((item) => item.critical && !UNDERSTOOD.includes(item.oid));
  if (strange !== undefined) {
    throw new SignetError(
      "SVID_CHAIN",
      `An issuer's critical extension ${strange.oid} is unknown.`,
    );
  }
  const { ca, pathLength } = readConstraints(value(BASIC_CONSTRAINTS));
  if (!ca || !mayCertify(value(KEY_USAGE))) {
    throw new SignetError("SVID_CHAIN", "A certificate of the chain is no CA.");
  }
  if (below > pathLength) {
    throw new SignetError("SVID_CHAIN", "The chain is longer than one of its CAs allows.");
  }
}

function readConstraints(value: Buffer | undefined): { ca: boolean; pathLength: number } {
  if (value === undefined) return { ca: false, pathLength: 0 };
  const outer = new DerReader(value);
  const sequence = outer.enter(TAG.sequence);
  outer.end();
  const ca = sequence.optional(TAG.boolean)?.content.equals(Buffer.of(0xff)) ?? false;
  const length = sequence.optional(TAG.integer)?.content;
  sequence.end();
  if (length === undefined) return { ca, pathLength: Infinity };
  if (length.length !== 1) throw new DerError("a huge path length");
  return { ca, pathLength: length.readInt8() };
}

function mayCertify(value: Buffer | undefined): boolean {
  if (value === undefined) return false;
  const outer = new DerReader(value);
  const bits = outer.read(TAG.bitString).content;
  outer.end();
  return ((bits[1] ?? 0) & KEY_CERT_SIGN) !== 0;
}
