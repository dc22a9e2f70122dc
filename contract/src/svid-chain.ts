// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";
import { checkIssuerCertificate } from "./issuer-certificate.js";
import { KnownIssuers } from "./known-issuers.js";
import { SignetError } from "./signet-error.js";
import { checkSvid, checkSvidTime, type Svid } from "./svid.js";

/** Longest chain, leaf included and root excluded; kmod/signet.yaml has the same limit. */
export const MAX_CHAIN = 4;

const known = new KnownIssuers();

/**
 * Checks a whole X.509-SVID: the leaf by {@link checkSvid}, and that each certificate is signed by
 * the next, the last of them by a root, all of them valid at `now` (RFC 5280 §6.1 without policies and
 * name constraints).
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
  let certificate = parse(() => new X509Certificate(leaf));
  for (let index = 0; index < chain.length; index++) {
    const above = chain[index + 1];
    const candidates = (above === undefined ? roots : [above]).map((der) =>
      parse(() => known.parse(der)),
    );
    const lower = certificate;
    const issuer = candidates.find((candidate) => known.signed(candidate, lower));
    if (issuer === undefined) throw new SignetError("SVID_CHAIN");
    checkIssuer(issuer, index, now);
    certificate = issuer;
  }
  return svid;
}

function parse(read: () => X509Certificate): X509Certificate {
  try {
    return read();
  } catch (cause) {
    throw new SignetError("SVID_MALFORMED", undefined, { cause });
  }
}

function checkIssuer(issuer: X509Certificate, below: number, now: Date): void {
  checkIssuerCertificate(issuer.raw, below);
  const early = now < new Date(issuer.validFrom);
  if (!early && now <= new Date(issuer.validTo)) return;
  throw new SignetError(
    early ? "SVID_NOT_YET_VALID" : "SVID_EXPIRED",
    `The CA certificate ${below + 1} above the leaf is not valid now.`,
  );
}
