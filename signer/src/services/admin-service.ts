// SPDX-License-Identifier: Apache-2.0

import { SignetError, type messages } from "@signet/contract";
import type { Log } from "@signet/runtime/log.js";
import type { JoinTokens } from "../attestation/join-token.js";
import type { Audit } from "../audit.js";
import type { Revoked, Revoker } from "../revocation/revoker.js";
import { unary } from "./handler.js";
import type { AtRevision } from "../state/current-state.js";
import type { Database } from "../store/database.js";
import { listNodes } from "../store/nodes.js";
import type { SyncHub } from "../sync/sync-hub.js";
import { explainedRevocation } from "../sync/wire.js";
import type { AdminCallers } from "../callers/admin-caller.js";
import type { Applier } from "../admin/apply.js";
import type { Listings } from "../admin/listings.js";

/** What AdminService works with. */
export interface AdminServiceParts {
  readonly db: Database;
  readonly tokens: JoinTokens;
  readonly applier: Applier;
  readonly listings: Listings;
  readonly revoker: Revoker;
  readonly hub: SyncHub;
  readonly audit: Audit;
  readonly log: Log;
  /** SHA-256 of the control plane's root, hex. */
  readonly caSha256: string;
}

/** The handlers of signet.v1.AdminService: what operators ask, each call authenticated and audited. */
export function adminHandlers(
  parts: AdminServiceParts,
  callerOf: AdminCallers,
): messages.AdminServiceHandlers {
  const { tokens, applier, listings, audit, log } = parts;
  return {
    CreateToken: unary(log, async ({ nodeId, groups, ttlSeconds }, { context }) => {
      const who = { admin: callerOf(context), node: nodeId, groups };
      const create = () => tokens.create(nodeId, groups, ttlSeconds);
      const { token, expiresAt } = await audit.around("token.create", who, create);
      return { token, caSha256: parts.caSha256, expiresAt };
    }),
    Apply: unary(log, async ({ documents, dryRun }, { context }) => {
      const files = documents.map(({ file }) => file);
      const who = { admin: callerOf(context), files, dry_run: dryRun };
      return audit.around("documents.apply", who, () => applier.apply(documents, dryRun), changes);
    }),
    Revoke: unary(log, async (request, { context }) => {
      const { serial = "", spiffeId = "", reason } = request;
      const who = { admin: callerOf(context), serial, spiffe_id: spiffeId, reason };
      const done = await audit.ahead(
        "revoke",
        who,
        () => revoke(parts, request),
        ({ result }) => ({
          serials: result.serials,
        }),
      );
      return revokeResponse(parts, done);
    }),
    Unban: unary(log, async ({ spiffeId }, { context }) => {
      const who = { admin: callerOf(context), spiffe_id: spiffeId };
      await audit.around("unban", who, () => parts.revoker.unban(spiffeId));
      return {};
    }),
    ListEntries: unary(log, async (_, { context }) => {
      callerOf(context);
      return Promise.resolve(listings.entries());
    }),
    ListNodes: unary(log, async (_, { context }) => {
      callerOf(context);
      return listings.nodes();
    }),
    ListRevocations: unary(log, async (_, { context }) => {
      callerOf(context);
      return listings.revocations();
    }),
    ListCertificates: unary(log, async (request, { context }) => {
      callerOf(context);
      return listings.certificates(request);
    }),
  };
}

function changes({ applied, revision }: messages.ApplyResponseInput) {
  const documents = (applied ?? []).map(({ kind, name, action }) => `${action} ${kind}/${name}`);
  return { documents, revision: Number(revision) };
}

function revoke({ revoker }: AdminServiceParts, { what, ...request }: messages.RevokeRequest) {
  switch (what) {
    case "serial":
      return revoker.serial(request.serial ?? "", request.reason);
    case "spiffeId":
      return revoker.identity(request.spiffeId ?? "", request.reason, request.force);
    default:
      throw new SignetError("REQUEST_INVALID", "Name a serial or a SPIFFE ID.");
  }
}

async function revokeResponse(
  { db, hub }: AdminServiceParts,
  { result, revision }: AtRevision<Revoked>,
): Promise<messages.RevokeResponseInput> {
  return {
    revocation: explainedRevocation(result.revocation),
    serials: [...result.serials],
    nodesNotified: hub.countAt(revision.revision),
    nodesKnown: (await listNodes(db)).length,
  };
}
