// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from "./measurement.js";
import type { Steps } from "./steps.js";

/** A positive whole number that a benchmark can be told: the option --NAME. */
export interface Parameter {
  readonly what: string;
  /** Its value unless said otherwise; the one that the benchmark's goal is for. */
  readonly usual: number;
  readonly most: number;
}

/** Something that is measured by `npm run bench`. */
export interface Benchmark<Name extends string = string> {
  readonly name: string;
  /** What it measures, in a line. */
  readonly summary: string;
  readonly parameters: Readonly<Record<Name, Parameter>>;
  /** Command lines, from the benchmark's name on. */
  readonly examples: readonly string[];
  /** Makes what it needs, measures, and ends it again, also when it fails. */
  run(values: Readonly<Record<Name, number>>, steps: Steps): Promise<readonly Measurement[]>;
}
