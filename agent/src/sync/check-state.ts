// SPDX-License-Identifier: Apache-2.0
import { X509Certificate, type KeyObject } from "node:crypto";
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import {
  isReserved,
  isTrustDomain,
  spiffeIdFault,
  trustDomainOf,
  type SpiffeId,
} from "@signet/contract/spiffe-id.js";
import { Limits } from "../netlink/family.generated.js";
import type { NodeState } from "./node-state.js";

/** Whole octets without one of zeros in front, as the kernel spells them: it takes no other. */
const SERIAL = /^(?!00)(?:[0-9a-f]{2}){1,20}$/;

/**
 * Checks a state before any of it is applied: names, SPIFFE IDs (of workloads of the trust domain),
 * addresses, lengths, and that new roots are vouched for by one that was held before.
 *
 * @param heldRoots The roots that were held before, DER; undefined: there were none.
 * @throws SignetError SYNC_REFUSED with the first fault.
 */
export function checkState(state: NodeState, heldRoots: readonly Buffer[] | undefined): void {
  const { trustDomain, bundle, entries, rules, destinations, revocations } = state;
  const id = workloadIdCheck(trustDomain.name);
  demand(isTrustDomain(trustDomain.name), "the trust domain's name is not valid");
  demand(bundle.trustDomain === trustDomain.name, "the trust bundle is of another trust domain");
  demand(
    trustDomain.unidentified === "UNIDENTIFIED_ACTION_DENY" ||
      trustDomain.unidentified === "UNIDENTIFIED_ACTION_AUDIT",
    "what becomes of unidentified processes is not said",
  );
  demand(state.databaseEpoch.length > 0, "the database's epoch is empty");
  demand(fits(state.databaseEpoch, Limits.maxDatabaseEpoch), "the database's epoch is too long");
  checkRoots(bundle.roots, heldRoots);
  trustDomain.meshCidrs.forEach(checkRange);
  trustDomain.exemptPorts.forEach(checkPort);
  for (const entry of entries) {
    demand(isName(entry.id), "an entry's ID is empty or too long");
    id(entry.spiffeId);
  }
  for (const rule of rules) {
    [rule.subject, ...rule.from].forEach(id);
    rule.ports.forEach(checkPort);
    demand(fits(rule.policy, Limits.maxName), "a policy's name is too long");
    demand(rule.from.length > 0, `a rule for ${rule.subject} names nobody`);
  }
  for (const destination of destinations) {
    demand(destination.identities.length > 0, `destination ${destination.name} has no identity`);
    demand(isName(destination.name), "a destination's name is empty or too long");
    destination.identities.forEach(id);
    destination.addresses.forEach(checkRange);
  }
  revocations.forEach((revocation) => {
    checkRevocation(revocation, id);
  });
}

/** Those revocations that can be told to the kernel, whatever is wrong with the others. */
export function soundRevocations(
  revocations: readonly messages.Revocation[],
  trustDomain: string,
): readonly messages.Revocation[] {
  const id = workloadIdCheck(trustDomain);
  return revocations.filter((revocation) => {
    try {
      checkRevocation(revocation, id);
      return true;
    } catch {
      return false;
    }
  });
}

function workloadIdCheck(trustDomain: string): (text: string) => void {
  return (text) => {
    demand(spiffeIdFault(text) === undefined, `${JSON.stringify(text)} is not a SPIFFE ID`);
    const id = text as SpiffeId;
    demand(trustDomainOf(id) === trustDomain, `${id} is of another trust domain`);
    demand(!isReserved(id), `${id} is reserved`);
  };
}

function checkRoots(roots: readonly Buffer[], held: readonly Buffer[] | undefined): void {
  demand(roots.length > 0, "the trust bundle is empty");
  for (const root of roots) {
    demand(root.length > 0 && root.length <= Limits.maxCertificate, "a root is too long");
    const parsed = parseRoot(root);
    const vouched =
      held === undefined || held.some((old) => old.equals(root) || vouches(old, parsed));
    demand(vouched, "no root that was held before vouches for a new root");
  }
}

interface Root {
  readonly certificate: X509Certificate;
  readonly publicKey: KeyObject;
}

function parseRoot(root: Buffer): Root {
  try {
    const certificate = new X509Certificate(root);
    return { certificate, publicKey: certificate.publicKey };
  } catch (cause) {
    throw refused("a root is no certificate", { cause });
  }
}

function vouches(old: Buffer, root: Root): boolean {
  return root.certificate.verify(parseRoot(old).publicKey);
}

function checkRange({ address, prefixLength, port }: messages.AddressRange): void {
  demand(address.length === 4 || address.length === 16, "an address is not of 4 or 16 bytes");
  demand(prefixLength <= address.length * 8, "a prefix is longer than its address");
  checkPort(port);
}

function checkPort(port: number): void {
  demand(port >= 0 && port <= 0xffff, `port ${String(port)} does not exist`);
}

function checkRevocation(revocation: messages.Revocation, id: (text: string) => void): void {
  if (revocation.what === "spiffeId") id(revocation.spiffeId ?? "");
  else demand(SERIAL.test(revocation.serial ?? ""), "a revoked serial is not spelled as one");
}

function isName(text: string): boolean {
  return text.length > 0 && fits(text, Limits.maxName);
}

function fits(text: string, bytes: number): boolean {
  return Buffer.byteLength(text) <= bytes && !text.includes("\0");
}

function demand(holds: boolean, fault: string): asserts holds {
  if (!holds) throw refused(fault);
}

function refused(fault: string, options?: ErrorOptions): SignetError {
  return new SignetError("SYNC_REFUSED", `An update was refused: ${fault}.`, options);
}
