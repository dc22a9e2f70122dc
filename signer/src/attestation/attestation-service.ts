// SPDX-License-Identifier: Apache-2.0

import { SignetError, type messages } from "@signet/contract";
import type { Audit } from "../audit.js";
import type { NodeCertificates, NodeIssued } from "../node/node-certificates.js";
import { InFlight } from "../signing/in-flight.js";
import type { AttestedNode, Attestor } from "./attestor.js";
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
    const { attestors, audit, onJoined } = this.#parts;
    const first = await conversation.first();
    const attestor = attestors.find(({ step }) => step === first.step);
    if (attestor === undefined)
      throw new SignetError("REQUEST_INVALID", "The request names no known way to attest.");
    const act = audit.begin("node.attest", { method: attestor.step, peer: conversation.peer });
    try {
      const node = await attestor.attest(first, conversation.converse);
      const issued = await this.#certify(node, () => !conversation.over);
      act.done({ node: node.id, groups: node.groups, serial: issued.serial });
      onJoined(node.id);
      return issued;
    } catch (error) {
      act.refused(error);
      throw error;
    }
  }

  async #certify(node: AttestedNode, wanted: () => boolean): Promise<NodeIssued> {
    try {
      return await this.#parts.certificates.first(node, node.csr, wanted);
    } catch (error) {
      await node.release(); // Nothing was delivered: the node may try again.
      throw error;
    }
  }
}
