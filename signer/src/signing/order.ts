// SPDX-License-Identifier: Apache-2.0

import { nodeSpiffeId, SignetError } from "@signet/contract";
import type { Query } from "../store/database.js";
import { findRevocation, type EpochSubject } from "../store/revocations.js";
import type { Issuer } from "../store/schema.js";
import type { CheckedCertificate } from "./returned-certificate.js";

/** A certificate that may be made: every question of authority has been answered. */
export interface Order {
  readonly issuer: Issuer;
  /** Vault's role. */
  readonly role: string;
  readonly spiffeId: string;
  /** PKCS#10, DER. */
  readonly csr: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Seconds. */
  readonly ttl: number;
  /** "" for the signer itself. */
  readonly nodeId: string;
  /** "" for the control plane's certificates. */
  readonly entryId: string;
  /** Demands again, in the transaction of the intent, what may have changed. @throws SignetError */
  readonly recheck?: (trx: Query) => Promise<void>;
  /**
   * Records what else holds with the certificate, in the transaction that records it; or says why
   * it must not be delivered after all.
   */
  readonly record?: (trx: Query, it: CheckedCertificate) => Promise<SignetError | undefined>;
}

/** Whose revocation, while Vault signs, makes an order void. */
export function subjectsOf({ spiffeId, nodeId, entryId }: Order): readonly EpochSubject[] {
  return [
    { kind: "spiffe_id", value: spiffeId },
    { kind: "node", value: nodeId },
    { kind: "entry", value: entryId },
  ];
}

/** Why an order may not be carried out: its identity, or the node that asks, is banned. */
export async function banOf(
  trx: Query,
  { spiffeId, nodeId }: Order,
  trustDomain: string,
): Promise<SignetError | undefined> {
  if ((await findRevocation(trx, "spiffe_id", spiffeId)) !== undefined) {
    return new SignetError("IDENTITY_REVOKED", `${spiffeId} is revoked.`);
  }
  if (nodeId === "") return undefined;
  const ban = await findRevocation(trx, "spiffe_id", nodeSpiffeId(trustDomain, nodeId));
  return ban && new SignetError("NODE_BANNED", `Node ${nodeId} is banned.`);
}
