// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";
import { SignetError } from "./signet-error.js";
import { checkSvid, checkSvidTime, type Svid } from "./svid.js";

/** Longest chain, leaf included and root excluded; kmod/signet.yaml has the same limit. */
export const MAX_CHAIN = 4;

/**
 * Checks a whole X.509-SVID: the leaf by {@link checkSvid}, and that each certificate is signed by
 * the next, the last of them by a root, all of them valid at `now` (RFC 5280 §6.1, the part that
 * chains without name constraints or policies need).
 * @param chain DER, leaf first, without the root
 * @param roots DER
 * @throws SignetError the SVID_* code of the first fault
 */
export function checkSvidChain(
  chain: readonly Uint8Array[],
  roots: readonly Uint8Array[],
  now: Date,
): Svid {
  const [leaf] = chain;
  if (leaf === undefined || chain.length > MAX_CHAIN) {
    throw new SignetError("SVID_CHAIN", `A chain has 1 to ${MAX_CHAIN} certificates.`);
  }
  const svid = checkSvid(leaf);
  checkSvidTime(svid, now);
  const certificates = chain.map(parse);
  for (const [index, certificate] of certificates.entries()) {
    const issuer = certificates[index + 1] ?? roots.map(parse).find(issued(certificate));
    if (issuer === undefined || !issued(certificate)(issuer)) {
      throw new SignetError(
        "SVID_CHAIN",
        "The certificate's chain does not end at a root of the trust bundle.",
      );
    }
    checkIssuer(issuer, index, now);
  }
  return svid;
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new SignetError("SVID_MALFORMED", undefined, { cause });
  }
}

function issued(certificate: X509Certificate): (issuer: X509Certificate) => boolean {
  // checkIssued looks at names, key identifiers and the issuer's keyUsage; verify at the signature.
  return (issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function checkIssuer(issuer: X509Certificate, below: number, now: Date): void {
  if (!issuer.ca) throw new SignetError("SVID_CHAIN", "A certificate of the chain is no CA.");
  if (now < new Date(issuer.validFrom) || now > new Date(issuer.validTo)) {
    throw new SignetError(
      "SVID_EXPIRED",
      `The CA certificate ${below + 1} above the leaf is not valid now.`,
    );
  }
}
