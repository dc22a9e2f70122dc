// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";

import type { Benchmark } from "./benchmark.js";

/** What the caller wants: help, or a benchmark to run. */
export type Command =
  | { readonly kind: "help" }
  | {
      readonly kind: "run";
      readonly benchmark: Benchmark;
      readonly values: Readonly<Record<string, number>>;
      readonly json: boolean;
    };

/** A command line that means nothing; the message says why. */
export class UsageError extends Error {}

/**
 * Reads `NAME [--json] [--PARAMETER N]…`.
 * @throws UsageError
 */
export function parseCommandLine(
  argv: readonly string[],
  benchmarks: readonly Benchmark[],
): Command {
  const [name, ...rest] = argv;
  if (argv.includes("--help")) return { kind: "help" };
  const names = benchmarks.map((benchmark) => benchmark.name).join(", ");
  if (name === undefined) throw new UsageError(`say which benchmark: ${names}`);
  const benchmark = benchmarks.find((candidate) => candidate.name === name);
  if (benchmark === undefined)
    throw new UsageError(`no benchmark is called "${name}": choose from ${names}`);
  const { json, ...given } = parseOptions(benchmark, rest);
  return { kind: "run", benchmark, values: valuesOf(benchmark, given), json: json === true };
}

type Given = Readonly<Record<string, string | boolean | undefined>>;

function parseOptions(benchmark: Benchmark, args: readonly string[]): Given {
  const names = Object.keys(benchmark.parameters);
  const parameters = names.map((name) => [name, { type: "string" }] as const);
  try {
    const options = { json: { type: "boolean" } as const, ...Object.fromEntries(parameters) };
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function valuesOf(benchmark: Benchmark, given: Given): Record<string, number> {
  const entries = Object.entries(benchmark.parameters).map(([name, { usual, most }]) => {
    const text = given[name];
    if (typeof text !== "string") return [name, usual] as const;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most)
      throw new UsageError(`--${name} is a whole number from 1 to ${String(most)}, not "${text}"`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

/** The help of `npm run bench`. */
export function helpText(benchmarks: readonly Benchmark[]): string {
  const list = benchmarks.map(({ name, summary, parameters }) => {
    const options = Object.entries(parameters).map(([parameter, { what, usual }]) => {
      return `    ${`--${parameter} N`.padEnd(14)} ${what} (${String(usual)})\n`;
    });
    return `  ${name.padEnd(16)} ${summary}\n${options.join("")}`;
  });
  const lines = benchmarks.flatMap(({ examples }) => examples);
  const examples = lines.map((line) => `  npm run -s bench -- ${line}\n`);
  return `Measures Signet. Ratios are of two figures of one run on one machine.

Usage: npm run -s bench -- NAME [--json] [OPTION…]

${list.join("\n")}
  --json           one JSON object a line: {"measure": …, "value": …, "unit": …}
  --help           this text

Examples:
${examples.join("")}
What is being done is said on standard error.
`;
}
