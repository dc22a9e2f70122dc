// SPDX-License-Identifier: Apache-2.0

import { randomUUID } from "node:crypto";
import { SignetError } from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import { Allowance } from "./allowance.js";
import type { AuditSink } from "./audit-file.js";
import { AuditLines, type AuditFields } from "./audit-lines.js";

// What anybody may cause must not fill the disk: without an audit log nothing is signed.
const LINES_PER_MINUTE = 60;

/** An act whose first line is written. Exactly one of the two ends it. */
export interface AuditAct {
  /** It was done; what came of it. */
  done(fields?: AuditFields): void;
  /** It was refused, or failed. */
  refused(error: unknown): void;
}

/**
 * One JSON line before and one after each act. An act whose first line can't be written fails, but
 * for what only tightens; what was done is recorded later then, while the signer runs.
 */
export class Audit {
  readonly #lines: AuditLines;
  readonly #alarms: Allowance;
  readonly #strangers: Allowance;

  constructor(sink: AuditSink, clock: Clock) {
    this.#lines = new AuditLines(sink, clock);
    this.#alarms = new Allowance(LINES_PER_MINUTE, clock);
    this.#strangers = new Allowance(LINES_PER_MINUTE, clock);
  }

  /** Writes the line before an act. @throws SignetError AUDIT_UNAVAILABLE when it could not be written */
  begin(event: string, fields: AuditFields): AuditAct {
    const act = { event, act: randomUUID(), ...fields };
    try {
      this.#lines.write({ phase: "before", ...act });
    } catch (cause) {
      throw new SignetError("AUDIT_UNAVAILABLE", undefined, { cause });
    }
    return this.#begun(act);
  }

  /**
   * Does something between its two lines; the second has what `outcome` made of the result.
   * @throws SignetError AUDIT_UNAVAILABLE, and nothing is done; what the work throws
   */
  async around<T>(
    event: string,
    fields: AuditFields,
    work: () => Promise<T>,
    outcome: (result: T) => AuditFields = () => ({}),
  ): Promise<T> {
    return ended(this.begin(event, fields), work, outcome);
  }

  /** As around, for what only tightens: it waits for neither line. */
  async ahead<T>(
    event: string,
    fields: AuditFields,
    work: () => Promise<T>,
    outcome: (result: T) => AuditFields,
  ): Promise<T> {
    const act = { event, act: randomUUID(), ...fields };
    this.#lines.owe({ phase: "before", ...act });
    return ended(this.#begun(act), work, outcome);
  }

  /**
   * Something that an operator must look at: a token used twice, a node certificate replayed. Of
   * many in a minute some; `unrecorded` says how many had no line.
   */
  alarm(event: string, fields: AuditFields): void {
    this.#some(this.#alarms, { event, phase: "alarm", ...fields });
  }

  /** Someone who could not prove to be who may ask this. Of many in a minute some, as with alarms. */
  turnedAway(event: string, fields: AuditFields, error: unknown): void {
    const { code, message } = SignetError.from(error);
    this.#some(this.#strangers, { event, phase: "turned away", code, message, ...fields });
  }

  /** Tries a last time to write what is not recorded yet. Returns how many lines never were. */
  close(): number {
    return this.#lines.close();
  }

  #begun(act: AuditFields): AuditAct {
    return {
      done: (outcome = {}) =>
        this.#lines.owe({ phase: "after", result: "done", ...act, ...outcome }),
      refused: (error) => {
        const { code, message } = SignetError.from(error);
        this.#lines.owe({ phase: "after", result: "refused", code, message, ...act });
      },
    };
  }

  #some(allowance: Allowance, fields: AuditFields): void {
    const unrecorded = allowance.take();
    if (unrecorded === undefined) return;
    this.#lines.tell({ ...fields, ...(unrecorded > 0 && { unrecorded }) }, unrecorded);
  }
}

async function ended<T>(
  act: AuditAct,
  work: () => Promise<T>,
  outcome: (result: T) => AuditFields,
): Promise<T> {
  try {
    const result = await work();
    act.done(outcome(result));
    return result;
  } catch (error) {
    act.refused(error);
    throw error;
  }
}
