// SPDX-License-Identifier: Apache-2.0

import { sign, type KeyObject } from "node:crypto";

const VERSION_1 = Buffer.from("020100", "hex");
const NO_SUBJECT = Buffer.from("3000", "hex");
const EXTENSION_REQUEST = Buffer.from("06092a864886f70d01090e", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");
const CRITICAL = Buffer.from("0101ff", "hex");
const ECDSA_SHA256 = Buffer.from("300a06082a8648ce3d040302", "hex");

function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** Makes a PKCS#10 request (RFC 2986 §4), DER, for a P-256 key, with one URI and no subject. */
export function writeCertificateRequest(
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  uri: string,
): Buffer {
  const names = element(0x30, element(0x86, Buffer.from(uri, "latin1")));
  const extension = element(0x30, SUBJECT_ALT_NAME, CRITICAL, element(0x04, names));
  const attribute = element(0x30, EXTENSION_REQUEST, element(0x31, element(0x30, extension)));
  const key = keys.publicKey.export({ type: "spki", format: "der" });
  const info = element(0x30, VERSION_1, NO_SUBJECT, key, element(0xa0, attribute));
  const signature = sign("sha256", info, { key: keys.privateKey, dsaEncoding: "der" });
  return element(0x30, info, ECDSA_SHA256, element(0x03, Buffer.of(0), signature));
}
