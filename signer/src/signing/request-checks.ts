// SPDX-License-Identifier: Apache-2.0

import { isP256PublicKey, SignetError, type ErrorCode } from "@signet/contract";
import { provesPossession, type CertificateRequest } from "./certificate-request.js";

/** One demand on a certificate request: the code of what is wrong with it, or undefined. */
export type RequestCheck = (request: CertificateRequest) => ErrorCode | undefined;

/** The key is on P-256. */
export const keyIsP256: RequestCheck = (request) =>
  isP256PublicKey(request.publicKey) ? undefined : "CSR_KEY_NOT_P256";

/** Whoever made the request has the key. */
export const keyIsPossessed: RequestCheck = (request) =>
  provesPossession(request) ? undefined : "CSR_BAD_SIGNATURE";

/** The request asks for nothing but URIs. */
export const asksForNothingElse: RequestCheck = (request) =>
  request.subjectEmpty && !request.hasOthers ? undefined : "CSR_EXTRA_NAMES";

/** The request names this SPIFFE ID, and no other. */
export function namesOnly(spiffeId: string): RequestCheck {
  return ({ uris }) => {
    if (uris.length === 0) return "CSR_URI_MISSING";
    if (uris.length > 1) return "CSR_URI_MULTIPLE";
    return uris[0] === spiffeId ? undefined : "CSR_URI_MISMATCH";
  };
}

/** The request names this SPIFFE ID or none: nodes leave it to the signer. */
export function namesAtMost(spiffeId: string): RequestCheck {
  return (request) => (request.uris.length === 0 ? undefined : namesOnly(spiffeId)(request));
}

/** Makes the first check that fails an error. The costly one comes last. @throws SignetError CSR_* */
export function demand(request: CertificateRequest, names: RequestCheck): void {
  for (const check of [keyIsP256, asksForNothingElse, names, keyIsPossessed]) {
    const code = check(request);
    if (code !== undefined) throw new SignetError(code);
  }
}
