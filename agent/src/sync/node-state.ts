// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";

/** Everything that a signer told this node, as of one revision. Never changed; replaced. */
export interface NodeState {
  /** Identifies the signer's database. */
  readonly databaseEpoch: string;
  readonly revision: bigint;
  readonly trustDomain: messages.TrustDomain;
  readonly bundle: messages.TrustBundle;
  readonly entries: readonly messages.Entry[];
  readonly rules: readonly messages.AccessRule[];
  readonly destinations: readonly messages.Destination[];
  readonly revocations: readonly messages.Revocation[];
}
