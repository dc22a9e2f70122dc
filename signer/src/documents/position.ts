// SPDX-License-Identifier: Apache-2.0

import type { ErrorCode, FieldFault } from "@signet/contract";
import type { LineCounter, Node } from "yaml";

/** Collects every fault of a set of files, each with its place. */
export class Faults {
  readonly list: FieldFault[] = [];

  /** Records a fault at a node of a file, or at the file itself. */
  add(code: ErrorCode, place: Place, message: string): void {
    this.addAt(place.node?.range?.[0], code, place, message);
  }

  /** Records a fault at an offset into a file, or at the file itself. Of many the first ones. */
  addAt(offset: number | undefined, code: ErrorCode, place: Place, message: string): void {
    if (this.list.length >= MAX_FAULTS) return;
    const { file, lines, field } = place;
    const at = offset === undefined ? { line: 0, col: 0 } : lines.linePos(offset);
    this.list.push({ file, line: at.line, column: at.col, field, message, code });
  }
}

const MAX_FAULTS = 100;

/** Where something is: a node of a file, and the path of the field that it is. */
export interface Place {
  readonly file: string;
  readonly lines: LineCounter;
  readonly node: Node | undefined;
  /** "spec.selectors[0].process:uid" */
  readonly field: string;
}
