// SPDX-License-Identifier: Apache-2.0

import type { Cancel, Clock } from "@signet/runtime/clock.js";
import type { AuditSink } from "./audit-file.js";

/** What an audit line may hold: names, numbers, lists of names. Never a token, a key or a request. */
export type AuditFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const MOST_OWED = 4_096;
const RETRY_MS = 5_000;

/**
 * Writes lines to a sink, in order. Those that can't be written now, and must be, are owed: they are
 * written before any other, as soon as that is possible.
 */
export class AuditLines {
  readonly #sink: AuditSink;
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #owed: string[] = [];
  #unrecorded = 0;
  #cancel: Cancel | undefined;
  #closed = false;

  constructor(sink: AuditSink, clock: Pick<Clock, "now" | "after">) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** Writes a line now. @throws what the sink does; then it is not written */
  write(fields: AuditFields): void {
    this.#pay();
    this.#sink(this.#line(fields));
  }

  /** Writes a line, now or later. When too many are owed, or it is closed, it is only counted. */
  owe(fields: AuditFields): void {
    if (this.#closed) {
      this.#unrecorded += 1;
      return;
    }
    if (this.#owed.length < MOST_OWED) this.#owed.push(this.#line(fields));
    else this.#unrecorded += 1;
    this.#tryToPay();
  }

  /** Writes a line now, or counts it, and so many others that stand behind it. */
  tell(fields: AuditFields, others: number): void {
    try {
      this.write(fields);
    } catch {
      this.#unrecorded += 1 + others;
      this.#tryToPay();
    }
  }

  /** Stops trying, after a last time. Returns how many lines were never written. */
  close(): number {
    this.#tryToPay();
    this.#closed = true;
    this.#cancel?.();
    return this.#owed.length + this.#unrecorded;
  }

  #tryToPay(): void {
    this.#cancel?.();
    try {
      this.#pay();
    } catch {
      if (!this.#closed) this.#cancel = this.#clock.after(RETRY_MS, () => this.#tryToPay());
    }
  }

  #pay(): void {
    for (let [line] = this.#owed; line !== undefined; [line] = this.#owed) {
      this.#sink(line);
      this.#owed.shift();
    }
    const unrecorded = this.#unrecorded;
    if (unrecorded === 0) return;
    this.#sink(this.#line({ event: "audit.unrecorded", phase: "alarm", unrecorded }));
    this.#unrecorded = 0;
  }

  #line(fields: AuditFields): string {
    const time = new Date(this.#clock.now()).toISOString();
    return `${JSON.stringify({ time, ...fields })}\n`;
  }
}
