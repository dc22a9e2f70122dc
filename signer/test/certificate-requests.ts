// SPDX-License-Identifier: Apache-2.0

import "reflect-metadata";
import { KeyObject, webcrypto } from "node:crypto";
import {
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type Extension,
  type JsonGeneralNames,
} from "@peculiar/x509";

/** What a request of a test asks for. */
export interface RequestOptions {
  readonly uris?: readonly string[];
  readonly dns?: string;
  readonly subject?: string;
  readonly curve?: "P-256" | "P-384";
  readonly keyUsage?: boolean;
}

/** A request and its key, made by a library that the signer does not use. */
export interface MadeRequest {
  readonly csr: Buffer;
  readonly privateKey: KeyObject;
}

/** Makes a PKCS#10 request, DER. */
export async function makeRequest(options: RequestOptions = {}): Promise<MadeRequest> {
  const { uris = [], dns, subject, curve = "P-256", keyUsage = false } = options;
  const signingAlgorithm = { name: "ECDSA", namedCurve: curve, hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const names: JsonGeneralNames = uris.map((value) => ({ type: "url", value }));
  if (dns !== undefined) names.push({ type: "dns", value: dns });
  const extensions: Extension[] = [];
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names, true));
  if (keyUsage) extensions.push(new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true));
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm,
    extensions,
    ...(subject === undefined ? {} : { name: subject }),
  });
  return { csr: Buffer.from(request.rawData), privateKey: KeyObject.from(keys.privateKey) };
}

/** The same request with one bit of its signature's last number changed. */
export function withBadSignature(csr: Buffer): Buffer {
  const copy = Buffer.from(csr);
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}
