// SPDX-License-Identifier: Apache-2.0

import {
  adminNameOf,
  checkSvidTime,
  peerSvid,
  SignetError,
  trustDomainOf,
  type CallerContext,
  type Svid,
} from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import type { Audit } from "../audit.js";
import type { CurrentState } from "../state/current-state.js";

/** Says which administrator is calling: the name for the audit log. @throws SignetError */
export type AdminCallers = (context: CallerContext) => string;

/** Whoever can open the Unix socket is root, or the signer's own user. */
export const socketCaller: AdminCallers = () => "unix-socket";

/**
 * Administrators by certificate.
 * @throws SignetError PEER_UNAUTHENTICATED, PEER_NOT_ADMIN, IDENTITY_REVOKED
 */
export function certificateCallers(
  state: CurrentState,
  trustDomain: string,
  clock: Clock,
  audit: Audit,
): AdminCallers {
  const nameOf = (svid: Svid) => {
    const name = adminNameOf(svid.spiffeId);
    if (name === undefined || trustDomainOf(svid.spiffeId) !== trustDomain) {
      throw new SignetError("PEER_NOT_ADMIN");
    }
    checkSvidTime(svid, new Date(clock.now()));
    const { banned, revokedControlSerials, unbannedAt } = state.value;
    if (banned.has(svid.spiffeId) || revokedControlSerials.has(svid.serial)) {
      throw new SignetError("IDENTITY_REVOKED", `Administrator ${name} is revoked.`);
    }
    // Vault issues these, not the signer: no ledger says which ones the ban ended.
    if (svid.notBefore.getTime() / 1000 < (unbannedAt.get(svid.spiffeId) ?? 0)) {
      throw new SignetError(
        "IDENTITY_REVOKED",
        `Administrator ${name} was banned after this certificate began: get one that begins after the unban.`,
      );
    }
    return name;
  };
  return (context) => {
    const svid = peerSvid(context);
    try {
      return nameOf(svid);
    } catch (error) {
      const { spiffeId, serial } = svid;
      audit.turnedAway("admin.caller", { spiffe_id: spiffeId, serial }, error);
      throw error;
    }
  };
}
