// SPDX-License-Identifier: Apache-2.0

import { DerError, DerReader, oidText, TAG } from "./der.js";

/** An extension of a certificate or a certificate request (RFC 5280 §4.1.2.9). */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** DER. */
  readonly value: Buffer;
}

/** The fields of an X.509 certificate (RFC 5280 §4.1) that Signet looks at. */
export interface Certificate {
  /** Lower-case hex without leading zero octets. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Name, DER. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Extension[];
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/** Reads one X.509 v3 certificate, DER, and nothing after it. @throws DerError */
export function readCertificate(der: Uint8Array): Certificate {
  const outer = new DerReader(der);
  const certificate = outer.enter(TAG.sequence);
  outer.end();
  const body = certificate.enter(TAG.sequence);
  certificate.read(TAG.sequence);
  certificate.read(TAG.bitString);
  certificate.end();

  const version = body.enter(VERSION).read(TAG.integer).content;
  if (!version.equals(Buffer.of(2))) throw new DerError("a version other than 3");
  const serial = serialText(body.read(TAG.integer).content);
  body.read(TAG.sequence);
  const issuer = body.read(TAG.sequence).raw;
  const validity = body.enter(TAG.sequence);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.end();
  const subject = body.read(TAG.sequence).raw;
  const publicKey = body.read(TAG.sequence).raw;
  const extensions = body.done ? [] : readExtensions(body.enter(EXTENSIONS));
  body.end();
  return { serial, notBefore, notAfter, issuer, subject, publicKey, extensions };
}

/** Reads Extensions (RFC 5280 §4.1), each of which may be there once. @throws DerError */
export function readExtensions(reader: DerReader): Extension[] {
  const list = reader.enter(TAG.sequence);
  reader.end();
  const extensions: Extension[] = [];
  while (!list.done) {
    const item = list.enter(TAG.sequence);
    const oid = oidText(item.read(TAG.oid).content);
    const flag = item.optional(TAG.boolean)?.content;
    if (flag !== undefined && !flag.equals(Buffer.of(0xff))) throw new DerError("a flag not DER");
    const value = item.read(TAG.octetString).content;
    item.end();
    if (extensions.some((other) => other.oid === oid)) throw new DerError(`${oid} twice`);
    extensions.push({ oid, critical: flag !== undefined, value });
  }
  return extensions;
}

function serialText(content: Buffer): string {
  if (content.length === 0 || content.length > 21) throw new DerError("a serial of bad length");
  if ((content[0] ?? 0) & 0x80) throw new DerError("a negative serial");
  const zeros = content.findIndex((byte) => byte !== 0);
  if (zeros < 0) throw new DerError("the serial 0");
  return content.subarray(zeros).toString("hex");
}

/** UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 has them: seconds, and Z. */
function readTime(reader: DerReader): Date {
  const { tag, content } = reader.read();
  const text = content.toString("latin1");
  const utc = tag === TAG.utcTime;
  if (!utc && tag !== TAG.generalizedTime) throw new DerError("no time where one must be");
  if (!(utc ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw new DerError("a time not DER");
  const full = utc ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) throw new DerError("a time that does not exist");
  return time;
}
