// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "@signet/runtime/clock.js";
import { FairQueue } from "@signet/runtime/fair-queue.js";
import type { Log } from "@signet/runtime/log.js";
import type { ProcessIdentifyEvent } from "../netlink/family.generated.js";
import type { KernelModule } from "../netlink/kernel-module.js";
import { refusedWith } from "../netlink/refusal.js";
import type { StateStore } from "../sync/state-store.js";
import { FileHashes, type Wanted } from "./file-hash.js";
import { identify, type Identification } from "./identify.js";
import { readProcessFacts, type ProcessFacts } from "./process-facts.js";

/** What answering needs. */
export interface ProcessAnswersParts {
  readonly module: Pick<KernelModule, "answerProcess">;
  /** Holds the entries of this node. */
  readonly store: Pick<StateStore, "restored" | "current">;
  /** Inode number of the host's mount namespace. */
  readonly hostMountNs: number;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

const LIMITS = { running: 16, runningPerKey: 4, waiting: 4096 };
/** After this time the kernel refuses, and waits for no answer. */
const DEADLINE_MS = 5000;

/**
 * Answers the kernel's questions who a process is. A question that can't be answered (no snapshot
 * yet, /proc unreadable, too many at once) stays open: the kernel refuses when its deadline passes.
 */
export class ProcessAnswers {
  readonly #parts: ProcessAnswersParts;
  readonly #hashes = new FileHashes();
  readonly #queue = new FairQueue<number>(LIMITS);

  constructor(parts: ProcessAnswersParts) {
    this.#parts = parts;
  }

  /** Takes a question. @throws SignetError NETLINK_MALFORMED */
  ask(event: ProcessIdentifyEvent): void {
    const { clock, log } = this.#parts;
    const facts = readProcessFacts(event);
    const deadline = clock.now() + DEADLINE_MS;
    const wanted = () => clock.now() < deadline;
    if (!this.#queue.push(facts.uid, () => this.#answer(facts, wanted))) {
      log.error({ pid: facts.pid }, "too many processes to identify at once");
    }
  }

  async #answer(facts: ProcessFacts, wanted: Wanted): Promise<void> {
    const { store, hostMountNs, log } = this.#parts;
    const { pid } = facts;
    try {
      await store.restored;
      while (wanted()) {
        const entries = store.current?.entries;
        if (entries === undefined) {
          log.warn({ pid }, "not identified: this node has no snapshot yet");
          return;
        }
        const context = { entries, hostMountNs, hashes: this.#hashes, wanted };
        const identification = await identify(facts, context);
        // Nothing is awaited from here till the answer is sent: the flush of a change comes after.
        if (store.current?.entries === entries) {
          await this.#send(facts, identification);
          return;
        }
      }
      log.warn({ pid }, "not identified in time");
    } catch (error) {
      if (refusedWith(error) === "ENOENT") log.debug({ pid }, "nobody waits for the answer");
      else log.error({ err: error, pid }, "process not identified");
    }
  }

  #send({ pid, uid, request }: ProcessFacts, identification: Identification): Promise<void> {
    const { module, log } = this.#parts;
    log.info({ pid, uid, ...identification }, "process identified");
    return module.answerProcess({ request, ...answerOf(identification) });
  }
}

function answerOf(identification: Identification): {
  verdict: Identification["verdict"];
  spiffeId?: string;
  entryId?: string;
} {
  if (identification.verdict !== "identity") return { verdict: identification.verdict };
  const { verdict, spiffeId, entryId } = identification;
  return { verdict, spiffeId, entryId };
}
