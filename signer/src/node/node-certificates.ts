// SPDX-License-Identifier: Apache-2.0

import { nodeSpiffeId, SignetError, type messages } from "@signet/contract";
import { seconds, type Clock } from "@signet/runtime/clock.js";
import type { Audit } from "../audit.js";
import { parseCertificateRequest } from "../signing/certificate-request.js";
import type { InFlight } from "../in-flight.js";
import type { Issuance } from "../signing/issuance.js";
import type { Order } from "../signing/order.js";
import { demand, namesAtMost } from "../signing/request-checks.js";
import type { CheckedCertificate } from "../signing/returned-certificate.js";
import { recordAttestation, recordRenewal } from "../store/nodes.js";
import type { NodeCaller } from "../callers/node-caller.js";

/** What NodeCertificates works with. */
export interface NodeCertificatesParts {
  readonly issuance: Issuance;
  readonly renewals: InFlight;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly trustDomain: string;
  /** The control plane's roots, DER. */
  readonly controlRoots: readonly Buffer[];
  /** Vault's role for nodes. */
  readonly role: string;
  /** Seconds. */
  readonly ttl: number;
}

type Recording = NonNullable<Order["record"]>;

/** A node certificate as it is delivered, and its serial. */
export interface NodeIssued {
  readonly certificate: messages.NodeCertificateInput;
  readonly serial: string;
}

/** Gives nodes their certificates: the first after attestation, then renewals. */
export class NodeCertificates {
  readonly #parts: NodeCertificatesParts;

  constructor(parts: NodeCertificatesParts) {
    this.#parts = parts;
  }

  /**
   * The certificate of a node that was attested; it holds at once.
   * @param gone aborts when nobody waits for it any more: then it does not hold
   * @throws SignetError CSR_*, VAULT_*, NODE_BANNED, LIMIT_REACHED, DEADLINE_EXCEEDED, CANCELLED
   */
  async first(
    node: { readonly id: string; readonly groups: readonly string[] },
    csr: Buffer,
    gone: AbortSignal,
  ): Promise<NodeIssued> {
    const now = seconds(this.#parts.clock);
    const record: Recording = async (trx, { svid }) => {
      if (gone.aborted) return new SignetError("CANCELLED");
      await recordAttestation(trx, node, recordOf(svid), now);
      return undefined;
    };
    return this.#issue(node.id, csr, record, gone);
  }

  /**
   * A new certificate for a node; it takes over on its first use.
   * @param gone aborts when nobody waits for it any more
   * @throws SignetError CSR_*, VAULT_*, NODE_BANNED, NODE_SERIAL_STALE, AUDIT_UNAVAILABLE,
   * LIMIT_REACHED, DEADLINE_EXCEEDED, CANCELLED
   */
  async renewal(node: NodeCaller, csr: Buffer, gone: AbortSignal): Promise<NodeIssued> {
    const record: Recording = async (trx, { svid }) => {
      const recorded = await recordRenewal(trx, node, recordOf(svid));
      return recorded ? undefined : new SignetError("NODE_SERIAL_STALE");
    };
    const renew = () => this.#issue(node.id, csr, record, gone);
    const { audit, renewals } = this.#parts;
    const fields = { node: node.id, replaces: node.serial };
    return renewals.run(node.id, 1, () =>
      audit.around("node.renew", fields, renew, ({ serial }) => ({ serial })),
    );
  }

  async #issue(
    nodeId: string,
    csr: Buffer,
    record: Recording,
    gone: AbortSignal,
  ): Promise<NodeIssued> {
    const { issuance, trustDomain, role, ttl, controlRoots } = this.#parts;
    const spiffeId = nodeSpiffeId(trustDomain, nodeId);
    const request = parseCertificateRequest(csr);
    demand(request, namesAtMost(spiffeId));
    const order: Order = {
      issuer: "control",
      role,
      spiffeId,
      csr: request.der,
      publicKey: request.publicKey,
      ttl,
      nodeId,
      entryId: "",
      record,
    };
    const { chain, svid } = await issuance.issue(order, gone).catch((error: unknown) => {
      throw asNode(error, nodeId);
    });
    const controlPlane = { trustDomain, roots: [...controlRoots] };
    const certificate = { nodeId, chain: [...chain], controlPlane, trustDomain };
    return { certificate, serial: svid.serial };
  }
}

function recordOf(svid: CheckedCertificate["svid"]) {
  return { serial: svid.serial, notAfter: svid.notAfter.getTime() / 1000 };
}

/** A node's identity that is revoked is a banned node. */
function asNode(error: unknown, nodeId: string): unknown {
  if (!(error instanceof SignetError) || error.code !== "IDENTITY_REVOKED") return error;
  return new SignetError("NODE_BANNED", `Node ${nodeId} is banned.`, { cause: error });
}
