// SPDX-License-Identifier: Apache-2.0

/**
 * The limits of proto/signet/v1. Both ends of a call and the documents take them from here; where a
 * comment of the proto states one, a test compares.
 */
export const LIMITS = {
  /** Most requests of one SignSvids. */
  requestsPerCall: 64,
  /** Most requests that an agent has under way, in all its calls. */
  requestsInFlight: 128,
  /** How long an agent waits for an answer, and the longest that a signer tries to get one from Vault; seconds. */
  wait: 15,
  answer: 12,
  /** How much of that a request may wait for its turn, so that Vault has as long; seconds. */
  turn: 6,
  /** Lifetime of a join token that asks for none, and the longest; seconds. */
  tokenTtl: 600,
  longestTokenTtl: 86_400,
  /** Longest reason of a revocation, characters. */
  reasonLength: 256,
  /** Certificates of a list that asks for no number, and most. */
  listed: 100,
  mostListed: 1_000,
  /** How often an open stream says something, and how long an agent waits for it; seconds. */
  heartbeat: 15,
  silence: 45,
} as const;
