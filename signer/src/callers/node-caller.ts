// SPDX-License-Identifier: Apache-2.0

import {
  checkSvidTime,
  nodeIdOf,
  peerSvid,
  SignetError,
  trustDomainOf,
  type CallerContext,
  type Svid,
} from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import type { Audit } from "../audit.js";
import type { CurrentState } from "../state/current-state.js";
import type { Database } from "../store/database.js";
import { findNode, takeOver } from "../store/nodes.js";
import { demandStanding } from "./node-standing.js";

/** A node that was authenticated by its certificate. */
export interface NodeCaller {
  readonly id: string;
  readonly spiffeId: string;
  readonly groups: readonly string[];
  /** Serial of the certificate that it showed. */
  readonly serial: string;
  /** NotAfter of that certificate, seconds since 1970. */
  readonly notAfter: number;
}

/** What NodeCallers works with. */
export interface NodeCallersParts {
  readonly db: Database;
  readonly state: CurrentState;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly trustDomain: string;
}

/** Says which node is calling, and refuses what is not a current node certificate. */
export class NodeCallers {
  readonly #parts: NodeCallersParts;

  constructor(parts: NodeCallersParts) {
    this.#parts = parts;
  }

  /**
   * The node behind a call. The first use of a renewed certificate makes the one before stale.
   * @throws SignetError PEER_UNAUTHENTICATED, PEER_NOT_NODE, NODE_UNKNOWN, NODE_BANNED,
   * NODE_SERIAL_STALE, IDENTITY_REVOKED
   */
  async authenticate(context: CallerContext): Promise<NodeCaller> {
    const svid = peerSvid(context);
    try {
      return await this.#nodeOf(svid);
    } catch (error) {
      const { spiffeId, serial } = svid;
      this.#parts.audit.turnedAway("node.caller", { spiffe_id: spiffeId, serial }, error);
      throw error;
    }
  }

  async #nodeOf(svid: Svid): Promise<NodeCaller> {
    const { db, state, clock, trustDomain } = this.#parts;
    const id = nodeIdOf(svid.spiffeId);
    if (id === undefined || trustDomainOf(svid.spiffeId) !== trustDomain) {
      throw new SignetError("PEER_NOT_NODE");
    }
    checkSvidTime(svid, new Date(clock.now()));
    const { spiffeId, serial } = svid;
    demandStanding(state.value, { id, spiffeId, serial });
    const node = await findNode(db, id);
    if (node === undefined)
      throw new SignetError("NODE_UNKNOWN", `The signer knows no node ${id}.`);
    await this.#checkSerial(id, serial, node.serial, node.next_serial);
    demandStanding(state.value, { id, spiffeId, serial }); // It may have been banned meanwhile.
    const notAfter = svid.notAfter.getTime() / 1000;
    return { id, spiffeId, groups: node.groups, serial, notAfter };
  }

  async #checkSerial(id: string, shown: string, current: string, next: string | null) {
    if (shown === current) return;
    const { db, audit } = this.#parts;
    if (shown === next) {
      if (await takeOver(db, id, shown)) return;
      // Another call of the node may have been first.
      if ((await findNode(db, id))?.serial === shown) return;
    }
    audit.alarm("node.serial.stale", { node: id, serial: shown });
    throw new SignetError("NODE_SERIAL_STALE");
  }
}
