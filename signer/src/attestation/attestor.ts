// SPDX-License-Identifier: Apache-2.0

import type { messages } from "@signet/contract";

/** A node that has proved which one it is. */
export interface AttestedNode {
  readonly id: string;
  readonly groups: readonly string[];
  /** PKCS#10, DER: the request for its node certificate. */
  readonly csr: Buffer;
  /** Takes the proof back when nothing was delivered for it and it can't be shown again otherwise. */
  readonly release: () => Promise<void>;
}

/** The rest of the conversation with a node: sends a challenge, and gives its answer. */
export type Converse = (challenge: messages.AttestResponseInput) => Promise<messages.AttestRequest>;

/** One way in which a node proves which one it is. */
export interface Attestor {
  /** The step of AttestRequest that this way begins with. */
  readonly step: NonNullable<messages.AttestRequest["step"]>;
  /** Checks the proof. @throws SignetError */
  attest(first: messages.AttestRequest, converse: Converse): Promise<AttestedNode>;
}
