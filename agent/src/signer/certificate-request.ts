// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** A fresh key of a node and the request for its certificate. */
export interface NodeKey {
  readonly privateKey: KeyObject;
  /** PKCS#10, DER: P-256, no names. */
  readonly request: Buffer;
}

const ECDSA_WITH_SHA256 = Buffer.from("300a06082a8648ce3d040302", "hex");
const VERSION_0 = Buffer.from("020100", "hex");
const EMPTY_NAME = Buffer.from("3000", "hex");
const NO_ATTRIBUTES = Buffer.from("a000", "hex");
const SEQUENCE = 0x30;
const BIT_STRING = 0x03;

/** Makes a P-256 key and signs a request without names for it (RFC 2986 §4). */
export function createNodeKey(): NodeKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const info = der(SEQUENCE, VERSION_0, EMPTY_NAME, spki, NO_ATTRIBUTES);
  const signature = sign("sha256", info, privateKey);
  const bits = der(BIT_STRING, Buffer.of(0), signature);
  return { privateKey, request: der(SEQUENCE, info, ECDSA_WITH_SHA256, bits) };
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content]);
}

/** Lengths up to 255 are all that a request of this shape can have (X.690 §8.1.3). */
function lengthOf(content: Buffer): Buffer {
  return content.length < 0x80 ? Buffer.of(content.length) : Buffer.of(0x81, content.length);
}
