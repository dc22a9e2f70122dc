// SPDX-License-Identifier: Apache-2.0
import type { Writable } from "node:stream";

/** One thing that was checked. */
export interface Check {
  readonly chapter: string;
  readonly claim: string;
  readonly holds: boolean;
  readonly evidence: string;
}

/**
 * What the demo says while it runs, and what it found: chapters, explanations, and one line for each
 * thing that was checked.
 */
export class Report {
  readonly checks: Check[] = [];
  readonly #out: Writable;
  readonly #started = Date.now();
  #chapter = "";

  constructor(out: Writable) {
    this.#out = out;
  }

  /** Begins a chapter. */
  chapter(title: string): void {
    this.#chapter = title;
    this.#out.write(`\n${this.#elapsed()}  ━━ ${title}\n`);
  }

  /** Tells the reader something. */
  say(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.#out.write(`         ${line}\n`);
  }

  /** Records whether a claim holds, with the evidence in the program's own words. */
  check(claim: string, holds: boolean, evidence = ""): void {
    this.checks.push({ chapter: this.#chapter, claim, holds, evidence });
    const mark = holds ? "ok  " : "FAIL";
    const tail = evidence === "" ? "" : `  (${oneLine(evidence)})`;
    this.#out.write(`  ${mark}   ${claim}${tail}\n`);
  }

  /** Runs something that takes a while, saying so, and how long it took. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    this.#out.write(`  …      ${what}\n`);
    const timer = setInterval(() => {
      this.#out.write(`  …      ${what}: ${seconds(started)} s\n`);
    }, 5_000);
    try {
      const result = await work();
      if (Date.now() - started > 2_000) this.#out.write(`         done in ${seconds(started)} s\n`);
      return result;
    } finally {
      clearInterval(timer);
    }
  }

  /** The closing lines. Returns whether every check held. */
  close(expected: number): boolean {
    const failed = this.checks.filter((check) => !check.holds);
    const missing = Math.max(0, expected - this.checks.length);
    this.#out.write(`\n${this.#elapsed()}  ━━ In short\n`);
    for (const check of failed) this.#out.write(`  FAIL   ${check.chapter}: ${check.claim}\n`);
    if (missing > 0) this.#out.write(`  FAIL   ${String(missing)} things were not checked\n`);
    const held = this.checks.length - failed.length;
    this.#out.write(`         ${String(held)} of ${String(expected)} claims hold\n`);
    return failed.length === 0 && missing === 0;
  }

  #elapsed(): string {
    return `${seconds(this.#started).padStart(6)}s`;
  }
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1);
}

function oneLine(text: string): string {
  const flat = text.trim().replaceAll(/\s*\n\s*/g, " · ");
  return flat.length > 160 ? `${flat.slice(0, 157)}...` : flat;
}
