// SPDX-License-Identifier: Apache-2.0

import { SignetError, type messages } from "@signet/contract";
import { seconds, type Clock } from "@signet/runtime/clock.js";
import type { PolicyDocument } from "../documents/document.js";
import { parseDocuments, type DocumentFile } from "../documents/parse.js";
import type { CurrentState } from "../state/current-state.js";
import type { Query } from "../store/database.js";
import { listDocuments, putDocument } from "../store/documents.js";
import { putEntry } from "../store/entries.js";

const MOST_FILES = 1_000;

/** Checks documents as a whole and makes them hold in one transaction, or only checks them. */
export class Applier {
  readonly #state: CurrentState;
  readonly #trustDomain: string;
  readonly #clock: Clock;

  constructor(state: CurrentState, trustDomain: string, clock: Clock) {
    this.#state = state;
    this.#trustDomain = trustDomain;
    this.#clock = clock;
  }

  /** @throws SignetError DOCUMENT_INVALID with every fault, REQUEST_INVALID */
  async apply(
    files: readonly DocumentFile[],
    dryRun: boolean,
  ): Promise<messages.ApplyResponseInput> {
    if (files.length === 0 || files.length > MOST_FILES) {
      throw new SignetError("REQUEST_INVALID", `Between 1 and ${MOST_FILES} files can be applied.`);
    }
    const documents = parseDocuments(files, this.#trustDomain);
    const { result, revision } = await this.#state.change(async (trx) => {
      const applied = await this.#actions(trx, documents);
      const todo = documents.filter((_, i) => applied[i]?.action !== "ACTION_UNCHANGED");
      if (dryRun || todo.length === 0) return { result: applied, changed: "nothing" };
      for (const document of todo) await this.#put(trx, document);
      return { result: applied, changed: "policy" };
    });
    return { applied: result, revision: revision.revision };
  }

  async #actions(
    trx: Query,
    documents: readonly PolicyDocument[],
  ): Promise<messages.AppliedDocumentInput[]> {
    const stored = new Map(
      (await listDocuments(trx)).map((one) => [`${one.kind} ${one.name}`, one.content]),
    );
    return documents.map((document) => {
      const { kind, name } = document;
      const before = stored.get(`${kind} ${name}`);
      if (before === undefined) return { kind, name, action: "ACTION_CREATED" };
      const same = before === JSON.stringify(document);
      return { kind, name, action: same ? "ACTION_UNCHANGED" : "ACTION_CHANGED" };
    });
  }

  async #put(trx: Query, document: PolicyDocument): Promise<void> {
    const { kind, name } = document;
    const content = JSON.stringify(document);
    await putDocument(trx, { kind, name, content }, seconds(this.#clock));
    if (document.kind !== "Workload") return;
    await putEntry(trx, {
      name,
      spiffeId: document.spiffeId,
      workloadSelectors: document.selectors as messages.SelectorSet[],
      nodeSelectors: document.nodes as messages.SelectorSet[],
      ttl: document.ttl,
    });
  }
}
