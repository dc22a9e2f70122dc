// SPDX-License-Identifier: Apache-2.0

import {
  LIMITS,
  parseSpiffeId,
  pathOf,
  SignetError,
  trustDomainOf,
  type SpiffeId,
} from "@signet/contract";

// What an operator may ask to be revoked.

const SERIAL = /^(?!00)[0-9a-f]{2,40}$/;

/** @throws SignetError REQUEST_INVALID */
export function checkSerial(serial: string): void {
  if (SERIAL.test(serial)) return;
  throw new SignetError("REQUEST_INVALID", "A serial is lower-case hex without separators.");
}

/** @throws SignetError REQUEST_INVALID */
export function checkReason(reason: string): void {
  if (reason.length <= LIMITS.reasonLength) return;
  throw new SignetError(
    "REQUEST_INVALID",
    `A reason has at most ${LIMITS.reasonLength} characters.`,
  );
}

/** An identity that can be banned. @throws SignetError SPIFFE_ID_INVALID, REQUEST_INVALID */
export function checkIdentity(spiffeId: string, trustDomain: string): SpiffeId {
  const id = parseSpiffeId(spiffeId);
  if (trustDomainOf(id) !== trustDomain || pathOf(id) === "") {
    throw new SignetError(
      "REQUEST_INVALID",
      `A SPIFFE ID of the trust domain ${trustDomain} must be named, with its path.`,
    );
  }
  if (pathOf(id) === "/signet/signer") {
    throw new SignetError("REQUEST_INVALID", "The signer can't ban itself.");
  }
  return id;
}
