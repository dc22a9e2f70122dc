// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import type { Log } from "@signet/runtime/log.js";
import { applyUpdate, FaultyState, joinSteps, type Step } from "./apply.js";
import { soundRevocations } from "./check-state.js";
import { KernelPolicy, type PolicyTarget } from "./kernel-policy.js";
import type { NodeState } from "./node-state.js";
import { PolicyRefused } from "./refused-policy.js";
import type { SnapshotFile } from "./snapshot-file.js";

/** What the store needs. */
export interface StateStoreParts {
  readonly module: PolicyTarget;
  readonly file: SnapshotFile;
  /** Told of each step once it holds; when that fails, again with the next update. */
  readonly onStep: (step: Step) => Promise<void>;
  readonly log: Log;
}

/** The state of this node: in memory, in the kernel and on disk, in step. */
export class StateStore {
  readonly #parts: StateStoreParts;
  readonly #kernel: KernelPolicy;
  #state: NodeState | undefined;
  /** Of the last state that is known, though it may hold no more. */
  #roots: readonly Buffer[] | undefined;
  /** What the signer told and can't hold; only another word of the signer can help. */
  #refused: Step | undefined;
  /** What holds, but was not told yet. */
  #untold: Step | undefined;
  #markRestored: () => void = () => undefined;

  /** Resolved when restore() is done: from then on it is known whether there is a state. */
  readonly restored = new Promise<void>((resolve) => {
    this.#markRestored = resolve;
  });

  constructor(parts: StateStoreParts) {
    this.#parts = parts;
    this.#kernel = new KernelPolicy(parts.module, parts.log);
  }

  /** The state that holds; undefined before the first snapshot. */
  get current(): NodeState | undefined {
    return this.#state;
  }

  /** What the signer told last, and its next change follows on, even if it can't hold. */
  get told(): NodeState | undefined {
    return this.#refused?.state ?? this.#state;
  }

  /**
   * Puts the snapshot on disk in force, unless the kernel has it. One that is older than what the
   * kernel has, or of another database, holds no more: only its roots are still believed. A file
   * that can't be used is reported and passed over: the signer has the truth.
   *
   * @param kernel What policy the kernel has.
   */
  async restore(kernel: { databaseEpoch?: string; revision?: bigint }): Promise<void> {
    const { file, log } = this.#parts;
    const inKernel = kernel.revision ?? 0n;
    try {
      const state = await file.read();
      if (state === undefined) return;
      this.#roots = state.bundle.roots;
      const sameEpoch = kernel.databaseEpoch === state.databaseEpoch;
      if (inKernel > 0n && (!sameEpoch || inKernel > state.revision)) {
        log.warn({ revision: String(state.revision) }, "the snapshot on disk is not the kernel's");
        return;
      }
      const loaded = !sameEpoch || inKernel < state.revision;
      if (loaded) await this.#kernel.enforce(state);
      this.#state = state;
      log.info({ revision: String(state.revision), loaded }, "snapshot restored");
    } catch (error) {
      log.error({ err: error, file: file.path }, "the snapshot on disk was not used");
    } finally {
      this.#markRestored();
    }
  }

  /**
   * Applies one update: revocations first, then what else it changes, then memory and, last, disk.
   *
   * @throws FaultyState, PolicyRefused when the new state can't hold, as the agent or the kernel
   * sees it: the one before does, with the revocations of this update, until the next change.
   * @throws SignetError SYNC_REFUSED, NETLINK_REFUSED; then the state before holds, or what follows
   * from the new one is done with the next update, a heartbeat included.
   */
  async apply(update: messages.SyncUpdate): Promise<void> {
    const step = await this.#stepOf(update);
    if (step !== undefined) await this.#enforce(step);
    try {
      await this.#tell();
    } finally {
      if (step !== undefined) await this.#save(step.state);
    }
  }

  async #stepOf(update: messages.SyncUpdate): Promise<Step | undefined> {
    try {
      return applyUpdate(this.told, update, this.#roots);
    } catch (error) {
      if (error instanceof FaultyState) {
        const { step } = error;
        const { name } = (this.#state ?? step.state).trustDomain;
        await this.#kernel.revoke(soundRevocations(step.revoked, name));
        await this.#refuse(step);
      }
      throw error;
    }
  }

  async #enforce(step: Step): Promise<void> {
    const { log } = this.#parts;
    const whole = joinSteps(this.#refused, step);
    const { state, revoked } = whole;
    let ending: number;
    try {
      ending = await this.#kernel.enforce(state);
    } catch (error) {
      if (error instanceof PolicyRefused) await this.#refuse(step);
      throw error;
    }
    this.#refused = undefined;
    this.#state = state;
    this.#roots = state.bundle.roots;
    this.#untold = joinSteps(this.#untold, whole);
    const { revision, entries } = state;
    log.info(
      { revision: String(revision), entries: entries.length, revoked: revoked.length, ending },
      "state applied",
    );
  }

  /**
   * The state before holds on, with the revocations of this step that the kernel took: after a
   * restart without a signer, too.
   */
  async #refuse(step: Step): Promise<void> {
    this.#refused = joinSteps(this.#refused, step);
    if (this.#state === undefined) return;
    const taken = step.revoked.filter((revocation) => this.#kernel.took(revocation));
    const added = soundRevocations(taken, this.#state.trustDomain.name);
    if (added.length === 0) return;
    this.#state = { ...this.#state, revocations: [...this.#state.revocations, ...added] };
    await this.#save(this.#state);
  }

  async #tell(): Promise<void> {
    if (this.#untold === undefined) return;
    await this.#parts.onStep(this.#untold);
    this.#untold = undefined;
  }

  async #save(state: NodeState): Promise<void> {
    try {
      await this.#parts.file.write(state);
    } catch (error) {
      this.#parts.log.error({ err: error }, "the snapshot could not be written to disk");
    }
  }
}
