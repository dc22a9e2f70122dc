// SPDX-License-Identifier: Apache-2.0

/** A certificate's life, in milliseconds since 1970. */
export interface Lifetime {
  readonly issuedAt: number;
  readonly notAfter: number;
}

const EARLIEST = 0.38;
const LATEST = 0.48;

/**
 * When a certificate is to be renewed: always before half of its life is over. To be drawn once for
 * each certificate: drawing again at each look would move all renewals to the earliest moment.
 *
 * @param random Uniform in [0, 1).
 * @returns Milliseconds since 1970.
 */
export function renewalTime({ issuedAt, notAfter }: Lifetime, random: number): number {
  return issuedAt + (notAfter - issuedAt) * (EARLIEST + (LATEST - EARLIEST) * random);
}
