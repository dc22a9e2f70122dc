// SPDX-License-Identifier: Apache-2.0

import { createPublicKey, verify } from "node:crypto";
import { DerError, DerReader, TAG, oidText, readExtensions, SignetError } from "@signet/contract";

/** What a certificate request says. Nothing of it is believed; see request-checks. */
export interface CertificateRequest {
  /** The whole request, DER. */
  readonly der: Buffer;
  /** CertificationRequestInfo, DER: what is signed. */
  readonly signed: Buffer;
  /** OID of the signature's algorithm. */
  readonly algorithm: string;
  readonly signature: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** True when the subject has no names. */
  readonly subjectEmpty: boolean;
  /** URI subject alternative names, as they are. */
  readonly uris: readonly string[];
  /** True when there is any other name, extension or attribute. */
  readonly hasOthers: boolean;
}

const ECDSA_SHA256 = "1.2.840.10045.4.3.2";
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const SUBJECT_ALT_NAME = "2.5.29.17";
const ATTRIBUTES = 0xa0;
const URI_NAME = 0x86;
const LONGEST = 8_192;

/**
 * Parses a PKCS#10 request (RFC 2986 §4), strictly.
 * @throws SignetError CSR_MALFORMED
 */
export function parseCertificateRequest(der: Buffer): CertificateRequest {
  if (der.length > LONGEST) throw malformed(`it is longer than ${LONGEST} bytes`);
  try {
    return parse(der);
  } catch (error) {
    if (error instanceof DerError) throw malformed(error.message, error);
    throw error;
  }
}

function malformed(why: string, cause?: unknown): SignetError {
  const message = `The certificate request is not a well-formed PKCS#10 request: ${why}.`;
  return new SignetError("CSR_MALFORMED", message, { cause });
}

function parse(der: Buffer): CertificateRequest {
  const whole = new DerReader(der);
  const outer = whole.enter(TAG.sequence);
  whole.end();
  const info = outer.read(TAG.sequence);
  const algorithm = readAlgorithm(outer.enter(TAG.sequence));
  const signature = readBits(outer.read(TAG.bitString).content);
  outer.end();

  const reader = new DerReader(info.content);
  const version = reader.read(TAG.integer).content;
  if (!version.equals(Buffer.of(0))) throw new DerError("a version other than 1");
  const subjectEmpty = reader.read(TAG.sequence).content.length === 0;
  const publicKey = reader.read(TAG.sequence).raw;
  const names = reader.done ? NO_NAMES : readAttributes(reader.enter(ATTRIBUTES));
  reader.end();
  return { der, signed: info.raw, algorithm, signature, publicKey, subjectEmpty, ...names };
}

/** AlgorithmIdentifier without parameters, as ECDSA has it (RFC 5758 §3.2). */
function readAlgorithm(reader: DerReader): string {
  const oid = oidText(reader.read(TAG.oid).content);
  return reader.done ? oid : `${oid} with parameters`;
}

function readBits(content: Buffer): Buffer {
  if (content[0] !== 0) throw new DerError("a bit string with unused bits");
  return content.subarray(1);
}

type Names = Pick<CertificateRequest, "uris" | "hasOthers">;
const NO_NAMES: Names = { uris: [], hasOthers: false };

function readAttributes(attributes: DerReader): Names {
  if (attributes.peek() === undefined) return NO_NAMES;
  const attribute = attributes.enter(TAG.sequence);
  const oid = oidText(attribute.read(TAG.oid).content);
  const values = attribute.enter(TAG.set);
  attribute.end();
  if (oid !== EXTENSION_REQUEST || !attributes.done) return { uris: [], hasOthers: true };
  const extensions = readExtensions(values);
  const san = extensions.find((extension) => extension.oid === SUBJECT_ALT_NAME);
  const names = san === undefined ? NO_NAMES : readNames(san.value);
  return { uris: names.uris, hasOthers: names.hasOthers || extensions.some((e) => e !== san) };
}

function readNames(value: Buffer): Names {
  const outer = new DerReader(value);
  const list = outer.enter(TAG.sequence);
  outer.end();
  const uris: string[] = [];
  let hasOthers = false;
  while (!list.done) {
    const name = list.read();
    if (name.tag === URI_NAME) uris.push(name.content.toString("latin1"));
    else hasOthers = true;
  }
  return { uris, hasOthers };
}

/** True when the request is signed by its own P-256 key, ECDSA with SHA-256: proof of possession. */
export function provesPossession(request: CertificateRequest): boolean {
  if (request.algorithm !== ECDSA_SHA256) return false;
  try {
    const key = createPublicKey({ key: request.publicKey, format: "der", type: "spki" });
    return verify("sha256", request.signed, { key, dsaEncoding: "der" }, request.signature);
  } catch {
    return false; // A point that is not on the curve, or a signature that is not DER.
  }
}
