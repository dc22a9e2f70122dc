// SPDX-License-Identifier: Apache-2.0

import { SignetError, toGrpcStatus, type messages } from "@signet/contract";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { NodeCaller } from "../callers/node-caller.js";
import type { State } from "../state/state.js";
import { changeBetween, NodeViews, snapshotOf, type NodeView } from "./node-view.js";

/** The gRPC call under a sync stream. */
export type SyncCall = ServerWritableStream<messages.SyncRequest, messages.SyncUpdateInput>;

/**
 * One node's open sync stream: knows what was sent, and sends what differs. While the node reads
 * too slowly nothing is queued for it; when it has caught up it gets the difference in one step.
 */
export class NodeStream {
  readonly node: NodeCaller;
  readonly #call: SyncCall;
  readonly #bundle: messages.TrustBundleInput;
  readonly #views: NodeViews;
  #sent: NodeView;
  #revision = 0;
  #latest: State;
  #full = false;
  #open = true;

  /** Opens the stream with a snapshot. */
  constructor(node: NodeCaller, call: SyncCall, bundle: messages.TrustBundleInput, state: State) {
    this.node = node;
    this.#call = call;
    this.#bundle = bundle;
    this.#latest = state;
    this.#views = new NodeViews(node);
    this.#sent = this.#views.of(state);
    call.on("drain", () => this.#drained());
    this.#write({ snapshot: snapshotOf(this.#sent, this.#bundle) });
  }

  /** The newest revision that was sent. */
  get revision(): number {
    return this.#revision;
  }

  /** True while the node has yet to read what was sent. */
  get full(): boolean {
    return this.#full;
  }

  /** Sends what a new state changes for the node, revocations first. */
  advance(state: State): void {
    this.#latest = state;
    if (!this.#open || this.#full) return;
    const view = this.#views.of(state);
    const change = changeBetween(this.#sent, view);
    this.#sent = view;
    this.#write(change === undefined ? { heartbeat: {} } : { change });
  }

  /** Says that the stream is alive. */
  heartbeat(): void {
    if (this.#open && !this.#full) this.#write({ heartbeat: {} });
  }

  /** Ends the stream for a reason. */
  end(reason: SignetError): void {
    if (!this.#open) return;
    this.#open = false;
    this.#call.emit("error", toGrpcStatus(reason));
  }

  /** Notes that the node has gone. */
  gone(): void {
    this.#open = false;
  }

  #drained(): void {
    this.#full = false;
    if (this.#latest.revision > this.#revision) this.advance(this.#latest);
  }

  #write(update: Pick<messages.SyncUpdateInput, "snapshot" | "change" | "heartbeat">): void {
    const { epoch, revision } = this.#latest;
    this.#revision = revision;
    this.#full = !this.#call.write({ databaseEpoch: epoch, revision, ...update });
  }
}
