// SPDX-License-Identifier: Apache-2.0

/** The network that the tests' documents protect. */
export const protectedNetwork = "10.77.0.0/24";

/** The nth host's address there, counted from 1, with the prefix's length. */
export function protectedAddress(number: number): string {
  return `10.77.0.${String(10 + number)}/24`;
}

/** The nth host's address in a network on the same wire that no document names. */
export function plainAddress(number: number): string {
  return `192.168.77.${String(10 + number)}/24`;
}

/** An address without its prefix length. */
export function bare(address: string): string {
  return address.slice(0, address.indexOf("/"));
}
