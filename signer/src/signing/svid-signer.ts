// SPDX-License-Identifier: Apache-2.0

import { LIMITS, SignetError, type messages } from "@signet/contract";
import type { Audit, AuditAct } from "../audit.js";
import { nodeMatches } from "../documents/selectors.js";
import type { NodeCaller } from "../callers/node-caller.js";
import type { CurrentState } from "../state/current-state.js";
import { findEntry, type EntryRecord } from "../store/entries.js";
import { parseCertificateRequest } from "./certificate-request.js";
import type { InFlight } from "../in-flight.js";
import type { Issuance } from "./issuance.js";
import type { Order } from "./order.js";
import { demand, namesOnly } from "./request-checks.js";
import type { CheckedCertificate } from "./returned-certificate.js";

/** What SvidSigner works with. */
export interface SvidSignerParts {
  readonly state: CurrentState;
  readonly issuance: Issuance;
  readonly inFlight: InFlight;
  readonly audit: Audit;
  /** Vault's role for workloads. */
  readonly role: string;
}

interface Judged {
  readonly act: AuditAct;
  readonly order: Order | SignetError;
}

/** Signs workloads' certificates for a node, authorised from what the signer itself knows. */
export class SvidSigner {
  readonly #parts: SvidSignerParts;

  constructor(parts: SvidSignerParts) {
    this.#parts = parts;
  }

  /**
   * Judges each request by itself; a result for each, in order.
   * @param gone aborts when nobody waits any more
   * @throws SignetError REQUEST_INVALID, LIMIT_REACHED, DATABASE_UNAVAILABLE, AUDIT_UNAVAILABLE
   */
  async sign(
    node: NodeCaller,
    requests: readonly messages.SvidRequest[],
    gone: AbortSignal,
  ): Promise<messages.SvidResultInput[]> {
    if (requests.length > LIMITS.requestsPerCall) {
      throw new SignetError(
        "REQUEST_INVALID",
        `A call has at most ${LIMITS.requestsPerCall} requests.`,
      );
    }
    const { inFlight } = this.#parts;
    return inFlight.run(node.id, requests.length, () => this.#signAll(node, requests, gone));
  }

  async #signAll(node: NodeCaller, requests: readonly messages.SvidRequest[], gone: AbortSignal) {
    const judged: Judged[] = [];
    try {
      for (const request of requests) judged.push(this.#judge(node, request));
      const orders = judged.flatMap(({ order }) => (order instanceof SignetError ? [] : [order]));
      const issued = orders.length === 0 ? [] : await this.#parts.issuance.issueAll(orders, gone);
      return judged.map(({ act, order }) => {
        const result = order instanceof SignetError ? order : issued.shift();
        return answer(act, result ?? new SignetError("INTERNAL"));
      });
    } catch (error) {
      for (const { act } of judged) act.refused(error);
      throw error;
    }
  }

  #judge(node: NodeCaller, request: messages.SvidRequest): Judged {
    const entry = this.#parts.state.value.policy.entries.get(request.entryId);
    const act = this.#parts.audit.begin("svid.sign", {
      node: node.id,
      entry: entry?.name ?? "",
      spiffe_id: entry?.spiffeId ?? "",
    });
    try {
      return { act, order: this.#order(node, entry, request.csr) };
    } catch (error) {
      return { act, order: SignetError.from(error) };
    }
  }

  #order(node: NodeCaller, known: EntryRecord | undefined, csr: Buffer): Order {
    const { id, spiffeId, ttl } = heldBy(node, known);
    if (this.#parts.state.value.banned.has(spiffeId)) {
      throw new SignetError("IDENTITY_REVOKED", `${spiffeId} is revoked.`);
    }
    const request = parseCertificateRequest(csr);
    demand(request, namesOnly(spiffeId));
    return {
      issuer: "workload",
      role: this.#parts.role,
      spiffeId,
      csr: request.der,
      publicKey: request.publicKey,
      ttl,
      nodeId: node.id,
      entryId: id,
      recheck: async (trx) => void heldBy(node, await findEntry(trx, id)),
    };
  }
}

/** An entry that a node may hold. @throws SignetError ENTRY_UNKNOWN, ENTRY_NOT_ON_NODE */
function heldBy(node: NodeCaller, entry: EntryRecord | undefined): EntryRecord {
  if (entry === undefined) throw new SignetError("ENTRY_UNKNOWN");
  if (nodeMatches(entry.nodeSelectors, node)) return entry;
  throw new SignetError("ENTRY_NOT_ON_NODE", `Node ${node.id} may not hold entry ${entry.name}.`);
}

function answer(act: AuditAct, result: CheckedCertificate | SignetError): messages.SvidResultInput {
  if (result instanceof SignetError) {
    act.refused(result);
    const { code, message, info } = result;
    return { refusal: { code, message, retryable: info.retryable } };
  }
  const { svid, chain, issuedAt } = result;
  act.done({ serial: svid.serial, reason: "the entry's node selectors match the node" });
  return {
    svid: {
      spiffeId: svid.spiffeId,
      chain: [...chain],
      serial: svid.serial,
      notBefore: svid.notBefore.getTime() / 1000,
      notAfter: svid.notAfter.getTime() / 1000,
      issuedAt,
    },
  };
}
