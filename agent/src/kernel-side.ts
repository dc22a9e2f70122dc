// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { SignetError } from "@signet/contract/signet-error.js";
import type { Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import type { AgentConfig } from "./config/schema.js";
import { ProcessAnswers } from "./identification/process-answers.js";
import { Issuance } from "./issuance/issuance.js";
import { Resumption } from "./issuance/resumption.js";
import { SigningQueue, type SigningRequest } from "./issuance/signing-queue.js";
import type { KernelModule, ModuleListener } from "./netlink/kernel-module.js";
import type { SvidSigner } from "./signer/signer-client.js";
import type { Step } from "./sync/apply.js";
import { SnapshotFile } from "./sync/snapshot-file.js";
import { StateStore } from "./sync/state-store.js";

/** What an agent needs of the module. */
export type AgentModule = Omit<KernelModule, "subscribe" | "drain">;

/** What the kernel's side of an agent needs. */
export interface KernelSideParts {
  readonly config: Pick<AgentConfig, "stateDir" | "bindNetns">;
  /** Opens a socket to the module. @throws SignetError MODULE_MISSING */
  readonly connect: (listener: ModuleListener) => Promise<AgentModule>;
  /** Inode number of the host's mount namespace. */
  readonly hostMountNs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The parts of an agent that face the kernel, joined. */
export class KernelSide {
  readonly store: StateStore;
  /** Who signs, once there is somebody. */
  signer: SvidSigner | undefined;
  readonly #module: AgentModule;
  readonly #answers: ProcessAnswers;
  readonly #queue: SigningQueue;
  readonly #issuance: Issuance;
  readonly #resumption: Resumption;

  private constructor(module: AgentModule, { config, hostMountNs, clock, log }: KernelSideParts) {
    this.#module = module;
    const file = new SnapshotFile(join(config.stateDir, "snapshot.json"));
    const onStep = (step: Step) => this.#follow(step);
    this.store = new StateStore({ module, file, onStep, log });
    this.#answers = new ProcessAnswers({ module, store: this.store, hostMountNs, clock, log });
    this.#queue = new SigningQueue((requests) => {
      if (this.signer === undefined) return Promise.reject(new SignetError("SIGNER_UNAVAILABLE"));
      return this.signer.signSvids(requests);
    }, clock);
    const sign = (request: SigningRequest) => this.#queue.submit(request);
    this.#issuance = new Issuance({ module, sign, clock, log });
    this.#resumption = new Resumption({ module, issuance: this.#issuance, clock, log });
  }

  /**
   * Registers, puts the snapshot on disk in force, resumes renewals. No signer is needed.
   *
   * @throws SignetError MODULE_MISSING, MODULE_ABI, NETLINK_BUSY, PERMISSION_DENIED,
   * NETLINK_REFUSED; no socket is left open then.
   */
  static async open(parts: KernelSideParts): Promise<KernelSide> {
    const module = await parts.connect({
      onProcessIdentify: (event) => {
        side.#answers.ask(event);
      },
      onSvidRequest: (event) => {
        side.#issuance.request(event);
      },
      onOverrun: () => {
        side.#resumption.soon();
      },
      onFault: (error) => {
        parts.log.error({ err: error }, "a message of the kernel could not be read");
      },
    });
    const side = new KernelSide(module, parts);
    try {
      await side.#serve(parts);
      return side;
    } catch (error) {
      side.close();
      throw error;
    }
  }

  /** What is in the kernel stays in force. */
  close(): void {
    this.#resumption.stop();
    this.#issuance.stop();
    this.#queue.stop();
    this.#module.close();
  }

  async #serve({ config, log }: KernelSideParts): Promise<void> {
    const registration = await this.#module.register(config.bindNetns);
    const { moduleVersion, netns } = registration;
    log.info({ module: moduleVersion, netns }, "agent registered");
    await this.store.restore(registration);
    await this.#resumption.now();
  }

  async #follow({ entriesChanged, lifetimesChanged, revoked, unbanned }: Step): Promise<void> {
    this.#issuance.offerAgain();
    if (entriesChanged) await this.#module.flushProcesses();
    // Who lost one certificate, or was unbanned, may have a new one.
    const replaceable = unbanned || revoked.some(({ what }) => what === "serial");
    if (replaceable) await this.#resumption.now();
    if (replaceable || entriesChanged) this.#issuance.reconsider();
    this.#issuance.replace(lifetimesChanged);
  }
}
