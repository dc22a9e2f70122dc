// SPDX-License-Identifier: Apache-2.0

import type { Address } from "./address.js";
import type { SelectorSet } from "./selectors.js";

/** Who is what SPIFFE ID, where. */
export interface Workload {
  readonly kind: "Workload";
  readonly name: string;
  /** Whole SPIFFE ID. */
  readonly spiffeId: string;
  readonly nodes: readonly SelectorSet[];
  readonly selectors: readonly SelectorSet[];
  /** Seconds. */
  readonly ttl: number;
}

/** Who may connect to a subject. */
export interface AccessPolicy {
  readonly kind: "AccessPolicy";
  readonly name: string;
  /** Whole SPIFFE ID. */
  readonly subject: string;
  readonly inbound: readonly {
    /** Whole SPIFFE IDs. */
    readonly from: readonly string[];
    /** Empty: every port. */
    readonly ports: readonly number[];
  }[];
}

/** Who must answer at some addresses. */
export interface Destination {
  readonly kind: "Destination";
  readonly name: string;
  readonly addresses: readonly Address[];
  /** Whole SPIFFE IDs. */
  readonly identities: readonly string[];
}

/** What holds for the whole trust domain. There is one. */
export interface TrustDomain {
  readonly kind: "TrustDomain";
  /** The trust domain itself. */
  readonly name: string;
  readonly meshCidrs: readonly Address[];
  readonly defaultDeny: boolean;
  readonly unidentified: "deny" | "audit";
  readonly exemptPorts: readonly number[];
}

/** A checked document, with every default filled in. */
export type PolicyDocument = Workload | AccessPolicy | Destination | TrustDomain;

/** The kinds of document that there are. */
export const KINDS = ["Workload", "AccessPolicy", "Destination", "TrustDomain"] as const;
