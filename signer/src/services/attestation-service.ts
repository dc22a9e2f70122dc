// SPDX-License-Identifier: Apache-2.0

import { SignetError, type messages } from "@signet/contract";
import type { Audit } from "../audit.js";
import type { NodeCertificates, NodeIssued } from "../node/node-certificates.js";
import { InFlight } from "../in-flight.js";
import type { AttestedNode, Attestor } from "../attestation/attestor.js";
import { Conversation } from "./conversation.js";

/** What AttestationService works with. */
export interface AttestationParts {
  readonly attestors: readonly Attestor[];
  readonly certificates: NodeCertificates;
  readonly audit: Audit;
  /** Called when a node has joined, so that what it had before ends. */
  readonly onJoined: (nodeId: string) => void;
}

const MOST_AT_ONCE = 64;
const MOST_OF_ADDRESS = 16;

/** signet.v1.AttestationService: how nodes join. */
export class AttestationService {
  readonly #parts: AttestationParts;
  readonly #inFlight = new InFlight(MOST_AT_ONCE, MOST_OF_ADDRESS, "joins", "address");

  constructor(parts: AttestationParts) {
    this.#parts = parts;
  }

  /** The handlers, for a gRPC server. */
  handlers(): messages.AttestationServiceHandlers {
    return { Attest: (call) => void this.#attest(new Conversation(call)) };
  }

  async #attest(conversation: Conversation): Promise<void> {
    try {
      const join = () => this.#join(conversation);
      const { certificate } = await this.#inFlight.run(conversation.address, 1, join);
      conversation.deliver(certificate);
    } catch (error) {
      conversation.fail(error);
    }
  }

  async #join(conversation: Conversation): Promise<NodeIssued> {
    const first = await conversation.first();
    const node = await this.#attested(first, conversation);
    const issued = await this.#certify(node, conversation);
    this.#parts.onJoined(node.id);
    return issued;
  }

  async #attested(first: messages.AttestRequest, { peer, converse }: Conversation) {
    const { attestors, audit } = this.#parts;
    const attestor = attestors.find(({ step }) => step === first.step);
    if (attestor === undefined)
      throw new SignetError("REQUEST_INVALID", "The request names no known way to attest.");
    try {
      return { method: attestor.step, ...(await attestor.attest(first, converse)) };
    } catch (error) {
      audit.turnedAway("node.attest", { method: attestor.step, peer }, error);
      throw error;
    }
  }

  async #certify(node: AttestedNode & { method: string }, conversation: Conversation) {
    const { audit, certificates } = this.#parts;
    const { id, groups, method, csr } = node;
    const fields = { node: id, groups, method, peer: conversation.peer };
    const issue = () => certificates.first(node, csr, conversation.gone);
    try {
      return await audit.around("node.attest", fields, issue, ({ serial }) => ({ serial }));
    } catch (error) {
      await node.release(); // Nothing was delivered: the node may try again.
      throw error;
    }
  }
}
