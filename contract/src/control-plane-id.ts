// SPDX-License-Identifier: Apache-2.0

import { isPathSegment, pathOf, spiffeIdOf, type SpiffeId } from "./spiffe-id.js";
import { SignetError } from "./signet-error.js";

// The control plane's own SPIFFE IDs, certified by the control-plane CA only.

const NODE = "/signet/node/";
const ADMIN = "/signet/admin/";
const SIGNER = "/signet/signer";

/**
 * The SPIFFE ID of a node: spiffe://TRUST-DOMAIN/signet/node/NODE-ID.
 * @throws SignetError SPIFFE_ID_INVALID when the node ID is not one valid path segment
 */
export function nodeSpiffeId(trustDomain: string, nodeId: string): SpiffeId {
  return withSegment(trustDomain, NODE, nodeId, "node ID");
}

/**
 * The SPIFFE ID of an administrator: spiffe://TRUST-DOMAIN/signet/admin/NAME.
 * @throws SignetError SPIFFE_ID_INVALID when the name is not one valid path segment
 */
export function adminSpiffeId(trustDomain: string, name: string): SpiffeId {
  return withSegment(trustDomain, ADMIN, name, "administrator's name");
}

/** The SPIFFE ID of every signer of a trust domain: spiffe://TRUST-DOMAIN/signet/signer. */
export function signerSpiffeId(trustDomain: string): SpiffeId {
  return spiffeIdOf(trustDomain, SIGNER);
}

/** The node ID in a node's SPIFFE ID; undefined when the ID is not a node's. */
export function nodeIdOf(id: SpiffeId): string | undefined {
  return segmentAfter(id, NODE);
}

/** The name in an administrator's SPIFFE ID; undefined when the ID is not an administrator's. */
export function adminNameOf(id: SpiffeId): string | undefined {
  return segmentAfter(id, ADMIN);
}

/** True for a signer's SPIFFE ID, of whatever trust domain. */
export function isSignerId(id: SpiffeId): boolean {
  return pathOf(id) === SIGNER;
}

function withSegment(domain: string, prefix: string, segment: string, what: string): SpiffeId {
  if (!isPathSegment(segment)) {
    throw new SignetError(
      "SPIFFE_ID_INVALID",
      `the ${what} ${JSON.stringify(segment.slice(0, 200))} is not one segment of A-Z, a-z, 0-9, '.', '-', '_'`,
    );
  }
  return spiffeIdOf(domain, prefix + segment);
}

function segmentAfter(id: SpiffeId, prefix: string): string | undefined {
  const path = pathOf(id);
  if (!path.startsWith(prefix)) return undefined;
  const segment = path.slice(prefix.length);
  return isPathSegment(segment) ? segment : undefined;
}
