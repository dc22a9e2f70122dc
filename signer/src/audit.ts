// SPDX-License-Identifier: Apache-2.0

import { randomUUID } from "node:crypto";
import { SignetError } from "@signet/contract";
import type { Clock } from "@signet/runtime/clock.js";
import { Allowance } from "./allowance.js";
import type { AuditSink } from "./audit-file.js";

/** What an audit line may hold: names, numbers, lists of names. Never a token, a key or a request. */
export type AuditFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

// What anybody may cause must not fill the disk: without an audit log nothing is signed.
const LINES_PER_MINUTE = 60;

/** An act whose first line is written. Exactly one of the two ends it. */
export interface AuditAct {
  /** It was done; what came of it. */
  done(fields?: AuditFields): void;
  /** It was refused, or failed. */
  refused(error: unknown): void;
}

/** One JSON line before and one after each act; an act whose first line can't be written fails. */
export class Audit {
  readonly #sink: AuditSink;
  readonly #clock: Clock;
  readonly #alarms: Allowance;
  readonly #strangers: Allowance;

  constructor(sink: AuditSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
    this.#alarms = new Allowance(LINES_PER_MINUTE, clock);
    this.#strangers = new Allowance(LINES_PER_MINUTE, clock);
  }

  /** Writes the line before an act. @throws SignetError INTERNAL when it could not be written */
  begin(event: string, fields: AuditFields): AuditAct {
    const act = { event, act: randomUUID(), ...fields };
    this.#line({ phase: "before", ...act });
    return {
      done: (outcome = {}) => this.#line({ phase: "after", result: "done", ...act, ...outcome }),
      refused: (error) => {
        const { code, message } = SignetError.from(error);
        this.#line({ phase: "after", result: "refused", code, message, ...act });
      },
    };
  }

  /** Does something between its two lines; the second has what `outcome` made of the result. */
  async around<T>(
    event: string,
    fields: AuditFields,
    work: () => Promise<T>,
    outcome: (result: T) => AuditFields = () => ({}),
  ): Promise<T> {
    const act = this.begin(event, fields);
    try {
      const result = await work();
      act.done(outcome(result));
      return result;
    } catch (error) {
      act.refused(error);
      throw error;
    }
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

  #some(allowance: Allowance, fields: AuditFields): void {
    const unrecorded = allowance.take();
    if (unrecorded !== undefined) this.#line({ ...fields, ...(unrecorded > 0 && { unrecorded }) });
  }

  #line(fields: AuditFields): void {
    const time = new Date(this.#clock.now()).toISOString();
    try {
      this.#sink(`${JSON.stringify({ time, ...fields })}\n`);
    } catch (cause) {
      throw new SignetError("INTERNAL", "The audit log cannot be written.", { cause });
    }
  }
}
