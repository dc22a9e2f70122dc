// SPDX-License-Identifier: Apache-2.0

import { SignetError, toGrpcStatus, type messages } from "@signet/contract";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Audit } from "../audit.js";
import type { NodeCertificates, NodeIssued } from "../node/node-certificates.js";
import type { AttestedNode, Attestor, Converse } from "./attestor.js";

type Call = ServerDuplexStream<messages.AttestRequest, messages.AttestResponseInput>;

/** What AttestationService works with. */
export interface AttestationParts {
  readonly attestors: readonly Attestor[];
  readonly certificates: NodeCertificates;
  readonly audit: Audit;
  /** Called when a node has joined, so that what it had before ends. */
  readonly onJoined: (nodeId: string) => void;
}

const MOST_AT_ONCE = 64;
const DEADLINE_MS = 30_000;

/** signet.v1.AttestationService: how nodes join. */
export class AttestationService {
  readonly #parts: AttestationParts;
  #underWay = 0;

  constructor(parts: AttestationParts) {
    this.#parts = parts;
  }

  /** The handlers, for a gRPC server. */
  handlers(): messages.AttestationServiceHandlers {
    return { Attest: (call) => void this.#attest(call) };
  }

  async #attest(call: Call): Promise<void> {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    const deadline = setTimeout(() => {
      gone.abort();
      fail(call, new SignetError("DEADLINE_EXCEEDED"));
    }, DEADLINE_MS);
    this.#underWay += 1;
    try {
      if (this.#underWay > MOST_AT_ONCE) {
        throw new SignetError(
          "LIMIT_REACHED",
          `${MOST_AT_ONCE} nodes are joining, the most at a time.`,
        );
      }
      const { certificate } = await this.#join(call, gone.signal);
      call.write({ certificate });
      call.end();
    } catch (error) {
      fail(call, error);
    } finally {
      this.#underWay -= 1;
      clearTimeout(deadline);
    }
  }

  async #join(call: Call, gone: AbortSignal): Promise<NodeIssued> {
    const { attestors, audit, onJoined } = this.#parts;
    const requests = call[Symbol.asyncIterator]() as AsyncIterator<messages.AttestRequest>;
    const next = async () => {
      const step = await requests.next();
      if (step.done !== true) return step.value;
      throw new SignetError("REQUEST_INVALID", "The node ended the conversation.");
    };
    const converse: Converse = (challenge) => {
      call.write(challenge);
      return next();
    };
    const first = await next();
    const attestor = attestors.find(({ step }) => step === first.step);
    if (attestor === undefined)
      throw new SignetError("REQUEST_INVALID", "The request names no known way to attest.");
    const fields = { method: attestor.step, peer: call.getPeer() };
    const act = audit.begin("node.attest", fields);
    try {
      const node = await attestor.attest(first, converse);
      const issued = await this.#certify(node, gone);
      act.done({ node: node.id, groups: node.groups, serial: issued.serial });
      onJoined(node.id);
      return issued;
    } catch (error) {
      act.refused(error);
      throw error;
    }
  }

  async #certify(node: AttestedNode, gone: AbortSignal): Promise<NodeIssued> {
    try {
      return await this.#parts.certificates.first(node, node.csr, () => !gone.aborted);
    } catch (error) {
      await node.release(); // Nothing was delivered: the node may try again.
      throw error;
    }
  }
}

function fail(call: Call, error: unknown): void {
  call.emit("error", toGrpcStatus(error));
}
