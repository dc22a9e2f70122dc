// SPDX-License-Identifier: Apache-2.0

import { readCertificate, type Certificate } from "./certificate.js";
import { DerError, DerReader, oidText, TAG } from "./der.js";
import { SignetError } from "./signet-error.js";
import { parseSpiffeId, pathOf, type SpiffeId } from "./spiffe-id.js";

/** What a right X.509-SVID says. */
export interface Svid {
  readonly spiffeId: SpiffeId;
  /** Lower-case hex without leading zero octets. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
}

const OID = {
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** Extensions that may be critical, as they are understood here. */
const UNDERSTOOD: readonly string[] = [
  OID.subjectAltName,
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
];
const URI = 0x86;
/** BIT STRING with digitalSignature alone: seven unused bits. */
const DIGITAL_SIGNATURE = Buffer.from([0x03, 0x02, 0x07, 0x80]);
/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point's coordinates. */
const P256_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");
const P256_LENGTH = P256_PREFIX.length + 64;

/** True when a SubjectPublicKeyInfo, DER, is an uncompressed point of P-256 (RFC 5480 §2). */
export function isP256PublicKey(spki: Uint8Array): boolean {
  return spki.length === P256_LENGTH && P256_PREFIX.equals(spki.subarray(0, P256_PREFIX.length));
}

/**
 * Checks that a certificate, DER, is an X.509-SVID as Signet wants a leaf: one URI SAN with a path
 * and no other name, cA=false, critical keyUsage digitalSignature alone, EKU serverAuth and
 * clientAuth, P-256 (X509-SVID §4, §5; RFC 5280 §4.2). Neither time nor issuer is looked at.
 * @throws SignetError SVID_MALFORMED, SVID_URI_COUNT, SVID_IS_CA, SVID_KEY_USAGE,
 * SVID_EXT_KEY_USAGE, SVID_KEY_TYPE, SPIFFE_ID_INVALID
 */
export function checkSvid(der: Uint8Array): Svid {
  try {
    return check(readCertificate(der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new SignetError("SVID_MALFORMED", `The certificate is malformed: ${error.message}.`, {
      cause: error,
    });
  }
}

/**
 * The only time check of an SVID: valid at `now` or not.
 * @throws SignetError SVID_NOT_YET_VALID, SVID_EXPIRED
 */
export function checkSvidTime(svid: Pick<Svid, "notBefore" | "notAfter">, now: Date): void {
  if (now >= svid.notBefore && now <= svid.notAfter) return;
  throw new SignetError(
    now < svid.notBefore ? "SVID_NOT_YET_VALID" : "SVID_EXPIRED",
    `The certificate is valid from ${svid.notBefore.toISOString()} to ${svid.notAfter.toISOString()}, and it is ${now.toISOString()}.`,
  );
}

function check(certificate: Certificate): Svid {
  const value = (oid: string) => certificate.extensions.find((item) => item.oid === oid);
  checkNotCa(value(OID.basicConstraints)?.value);
  const usage = value(OID.keyUsage);
  if (usage?.critical !== true || !usage.value.equals(DIGITAL_SIGNATURE)) {
    throw new SignetError("SVID_KEY_USAGE");
  }
  checkExtKeyUsage(value(OID.extKeyUsage)?.value);
  if (!isP256PublicKey(certificate.publicKey)) throw new SignetError("SVID_KEY_TYPE");
  const strange = certificate.extensions.find(
    (item) => item.critical && !UNDERSTOOD.includes(item.oid),
  );
  if (strange !== undefined) {
    throw new SignetError("SVID_MALFORMED", `The critical extension ${strange.oid} is unknown.`);
  }
  const spiffeId = onlySpiffeId(value(OID.subjectAltName)?.value);
  const { serial, notBefore, notAfter, publicKey } = certificate;
  return { spiffeId, serial, notBefore, notAfter, publicKey };
}

/** BasicConstraints (RFC 5280 §4.2.1.9): absent, or an empty sequence, which is cA=false. */
function checkNotCa(value: Buffer | undefined): void {
  if (value === undefined) return;
  const reader = new DerReader(value);
  const sequence = reader.enter(TAG.sequence);
  reader.end();
  if (!sequence.done) throw new SignetError("SVID_IS_CA");
}

function checkExtKeyUsage(value: Buffer | undefined): void {
  if (value === undefined) throw new SignetError("SVID_EXT_KEY_USAGE");
  const reader = new DerReader(value);
  const sequence = reader.enter(TAG.sequence);
  reader.end();
  const found: string[] = [];
  while (!sequence.done) found.push(oidText(sequence.read(TAG.oid).content));
  if (found.sort().join() !== [OID.serverAuth, OID.clientAuth].sort().join()) {
    throw new SignetError("SVID_EXT_KEY_USAGE");
  }
}

function onlySpiffeId(value: Buffer | undefined): SpiffeId {
  const names = value === undefined ? [] : readNames(value);
  const [name] = names;
  if (name?.tag !== URI || names.length !== 1) throw new SignetError("SVID_URI_COUNT");
  const id = parseSpiffeId(name.content.toString("latin1"));
  if (pathOf(id) === "") throw new SignetError("SVID_URI_COUNT");
  return id;
}

function readNames(value: Buffer): { tag: number; content: Buffer }[] {
  const reader = new DerReader(value);
  const sequence = reader.enter(TAG.sequence);
  reader.end();
  const names = [];
  while (!sequence.done) names.push(sequence.read());
  return names;
}
