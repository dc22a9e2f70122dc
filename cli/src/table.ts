// SPDX-License-Identifier: Apache-2.0

import Table from "cli-table3";
import { printable } from "./printable.js";

const BORDERS = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left"],
  ...["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
];
const NO_BORDERS = Object.fromEntries(BORDERS.map((name) => [name, ""]));

/**
 * Aligned columns under headings; a cell may have several lines. Without rows, only `empty`.
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): string {
  if (rows.length === 0) return `${empty}\n`;
  return lines([headings, ...rows]);
}

/** Aligned pairs of a name and its value, a line each. */
export function formatPairs(pairs: readonly (readonly [string, string])[]): string {
  return lines(pairs);
}

function lines(rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: NO_BORDERS,
    style: { "padding-left": 0, "padding-right": 2, head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => row.map(printable)));
  return table.toString().replace(/ +$/gm, "") + "\n";
}
