// SPDX-License-Identifier: Apache-2.0

/** What a value counts. */
export type Unit = "ratio" | "connections" | "seconds" | "events";

/** One figure that a benchmark found. */
export interface Measurement {
  /** Its name, in segments from the general to the special: "handshakes.burst_served". */
  readonly measure: string;
  readonly value: number;
  readonly unit: Unit;
}

/**
 * A figure divided by another of the same run.
 * @throws Error when there is nothing to divide by: such a run measured nothing
 */
export function ratio(measure: string, value: number, base: number): Measurement {
  if (base <= 0) throw new Error(`${measure}: what it is compared with is ${String(base)}`);
  return { measure, value: value / base, unit: "ratio" };
}

/** One JSON object a line. */
export function jsonLines(measurements: readonly Measurement[]): string {
  const line = ({ measure, value, unit }: Measurement) =>
    JSON.stringify({ measure, value: rounded(value), unit });
  return measurements.map((measurement) => `${line(measurement)}\n`).join("");
}

/** A line each, in columns. */
export function table(measurements: readonly Measurement[]): string {
  const names = width(measurements.map(({ measure }) => measure));
  const values = width(measurements.map(({ value }) => String(rounded(value))));
  return measurements
    .map(({ measure, value, unit }) => {
      const figure = String(rounded(value)).padStart(values);
      return `${measure.padEnd(names)}  ${figure}  ${unit}\n`;
    })
    .join("");
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}

function width(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
