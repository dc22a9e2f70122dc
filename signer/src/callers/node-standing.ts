// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import type { State } from "../state/state.js";

/** A node by one of its certificates. */
export interface NodeShown {
  readonly id: string;
  readonly spiffeId: string;
  readonly serial: string;
}

/** Why a state has no place for a node with this certificate; undefined when it has. */
export function nodeRefusal(state: State, { id, spiffeId, serial }: NodeShown) {
  if (state.banned.has(spiffeId)) return new SignetError("NODE_BANNED", `Node ${id} is banned.`);
  if (!state.revokedControlSerials.has(serial)) return undefined;
  return new SignetError("IDENTITY_REVOKED", `The certificate of node ${id} is revoked.`);
}

/** @throws SignetError NODE_BANNED, IDENTITY_REVOKED */
export function demandStanding(state: State, node: NodeShown): void {
  const refusal = nodeRefusal(state, node);
  if (refusal !== undefined) throw refusal;
}
