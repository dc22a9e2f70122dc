// SPDX-License-Identifier: Apache-2.0

import { SignetError, type messages } from "@signet/contract";
import { every, seconds, type Cancel, type Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import type { NodeCaller } from "../callers/node-caller.js";
import { demandStanding, nodeRefusal } from "../callers/node-standing.js";
import type { CurrentState } from "../state/current-state.js";
import type { State } from "../state/state.js";
import type { Database } from "../store/database.js";
import { recordSeen } from "../store/nodes.js";
import { NodeStream, type SyncCall } from "./node-stream.js";

/** What SyncHub works with. */
export interface SyncHubParts {
  readonly db: Database;
  readonly state: CurrentState;
  /** The workloads' roots. */
  readonly bundle: messages.TrustBundleInput;
  readonly heartbeatSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Heartbeats that a stream may be behind before it is ended. */
const PATIENCE = 4;

/** The open sync streams, one for each node. */
export class SyncHub {
  readonly #parts: SyncHubParts;
  readonly #streams = new Map<string, NodeStream>();
  readonly #behind = new Map<NodeStream, number>();
  readonly #cancel: Cancel;

  constructor(parts: SyncHubParts) {
    this.#parts = parts;
    parts.state.listen((state) => this.#publish(state));
    this.#cancel = every(parts.clock, parts.heartbeatSeconds * 1000, () => this.#beat());
  }

  /** Opens a node's stream, in place of the one that it has. @throws SignetError NODE_BANNED, IDENTITY_REVOKED */
  open(node: NodeCaller, call: SyncCall): void {
    demandStanding(this.#parts.state.value, node);
    this.drop(node.id, new SignetError("CANCELLED", "The node opened another sync stream."));
    const stream = new NodeStream(node, call, this.#parts.bundle, this.#parts.state.value);
    this.#streams.set(node.id, stream);
    const forget = () => this.#forget(stream);
    call.on("cancelled", forget).on("close", forget).on("error", forget);
    this.#seen([node.id]);
    this.#parts.log.info({ node: node.id, revision: stream.revision }, "sync stream opened");
  }

  /** Ends a node's stream, if it has one. */
  drop(nodeId: string, reason: SignetError): void {
    this.#streams.get(nodeId)?.end(reason);
    this.#streams.delete(nodeId);
  }

  /** The newest revision that was sent to a node; undefined when it has no open stream. */
  revisionOf(nodeId: string): number | undefined {
    return this.#streams.get(nodeId)?.revision;
  }

  /** How many nodes were sent this revision or a later one. */
  countAt(revision: number): number {
    return [...this.#streams.values()].filter((stream) => stream.revision >= revision).length;
  }

  /** Ends every stream. */
  close(): void {
    this.#cancel();
    for (const id of [...this.#streams.keys()]) this.drop(id, new SignetError("STOPPING"));
  }

  #publish(state: State): void {
    for (const stream of this.#streams.values()) stream.advance(state);
    this.#endRefused(state);
  }

  #beat(): void {
    const now = seconds(this.#parts.clock);
    for (const stream of this.#streams.values()) {
      if (stream.node.notAfter < now) {
        this.drop(stream.node.id, new SignetError("SVID_EXPIRED", "The node certificate expired."));
      } else if (stream.full) this.#wait(stream);
      else {
        this.#behind.delete(stream);
        stream.heartbeat();
      }
    }
    this.#seen([...this.#streams.keys()]);
  }

  #wait(stream: NodeStream): void {
    const beats = (this.#behind.get(stream) ?? 0) + 1;
    this.#behind.set(stream, beats);
    if (beats < PATIENCE) return;
    this.drop(stream.node.id, new SignetError("LIMIT_REACHED", "The node reads too slowly."));
    this.#behind.delete(stream);
  }

  /** A banned node learns so, and nothing more. */
  #endRefused(state: State): void {
    for (const { node } of [...this.#streams.values()]) {
      const refusal = nodeRefusal(state, node);
      if (refusal !== undefined) this.drop(node.id, refusal);
    }
  }

  #forget(stream: NodeStream): void {
    stream.gone();
    this.#behind.delete(stream);
    if (this.#streams.get(stream.node.id) === stream) this.#streams.delete(stream.node.id);
  }

  #seen(ids: readonly string[]): void {
    const { db, clock, log } = this.#parts;
    recordSeen(db, ids, seconds(clock)).catch((error: unknown) => {
      log.warn({ err: error }, "when nodes were seen could not be recorded");
    });
  }
}
