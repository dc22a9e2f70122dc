// SPDX-License-Identifier: Apache-2.0

import { toGrpcStatus, type CallerContext, type messages } from "@signet/contract";
import type { Log } from "@signet/runtime/log.js";
import { logInternal, unary } from "./handler.js";
import type { SvidSigner } from "../signing/svid-signer.js";
import type { SyncCall } from "../sync/node-stream.js";
import type { SyncHub } from "../sync/sync-hub.js";
import type { NodeCallers } from "../callers/node-caller.js";
import type { NodeCertificates } from "../node/node-certificates.js";

/** What NodeService works with. */
export interface NodeServiceParts {
  readonly callers: NodeCallers;
  readonly certificates: NodeCertificates;
  readonly signer: SvidSigner;
  readonly hub: SyncHub;
  readonly log: Log;
}

/** The handlers of signet.v1.NodeService: what nodes ask, each call authenticated first. */
export function nodeHandlers(parts: NodeServiceParts): messages.NodeServiceHandlers {
  const { callers, certificates, signer, hub, log } = parts;
  return {
    RenewNodeCertificate: unary(log, async ({ csr }, { context, gone }) => {
      const node = await callers.authenticate(context);
      const { certificate } = await certificates.renewal(node, csr, gone);
      return { certificate };
    }),
    SignSvids: unary(log, async ({ requests }, { context, gone }) => {
      const node = await callers.authenticate(context);
      return { results: await signer.sign(node, requests, gone) };
    }),
    Sync: (call: SyncCall) => {
      callers
        .authenticate(call.getAuthContext() as CallerContext)
        .then((node) => hub.open(node, call))
        .catch((error: unknown) => {
          logInternal(log, "Sync", error);
          call.emit("error", toGrpcStatus(error));
        });
    },
  };
}
