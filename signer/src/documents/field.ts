// SPDX-License-Identifier: Apache-2.0

import type { ErrorCode } from "@signet/contract";
import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { Faults, Place } from "./position.js";

/** Why a field is refused that design.md names but this version has not built. */
export type NotBuilt = Readonly<Record<string, string>>;

/** A value of a document with its place. Reading it wrongly records a fault and gives undefined. */
export class Field {
  readonly #place: Place;
  readonly #faults: Faults;

  constructor(place: Place, faults: Faults) {
    this.#place = place;
    this.#faults = faults;
  }

  /** Records a fault here. */
  fault(message: string, code: ErrorCode = "DOCUMENT_FIELD_INVALID"): void {
    this.#faults.add(code, this.#place, message);
  }

  /**
   * The fields of a map, by name. Names that are neither known nor, with a reason, not built yet,
   * are faults; so are required ones that are missing.
   */
  fields(
    known: readonly string[],
    required: readonly string[] = [],
    notBuilt: NotBuilt = {},
  ): Map<string, Field> | undefined {
    const entries = this.entries();
    if (entries === undefined) return undefined;
    const found = new Map<string, Field>();
    for (const [name, field] of entries) {
      const reason = Object.hasOwn(notBuilt, name) ? notBuilt[name] : undefined;
      if (reason !== undefined) {
        field.fault(`${name} is not built in this version: ${reason}`, "DOCUMENT_FIELD_NOT_BUILT");
      } else if (!known.includes(name)) {
        field.fault(
          `there is no field ${JSON.stringify(name)} here; there are ${known.join(", ")}`,
          "DOCUMENT_FIELD_UNKNOWN",
        );
      } else found.set(name, field);
    }
    for (const name of required.filter((wanted) => !entries.has(wanted))) {
      this.#child(name, this.#place.node).fault(`${name} is missing`, "DOCUMENT_FIELD_MISSING");
    }
    return found;
  }

  /** Every entry of a map, whatever its keys; a key that comes twice is a fault. */
  entries(): Map<string, Field> | undefined {
    const { node } = this.#place;
    if (!isMap(node)) {
      this.fault(`${this.#what()} must hold fields with values`);
      return undefined;
    }
    const found = new Map<string, Field>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) {
        this.fault("a key must be a plain string");
        return undefined;
      }
      if (found.has(name)) {
        const again = isNode(key) ? key : undefined;
        this.#child(name, again).fault(`${name} is there twice`, "DOCUMENT_DUPLICATE");
        continue;
      }
      const child = isNode(value) ? value : isNode(key) ? key : undefined;
      found.set(name, this.#child(name, child));
    }
    return found;
  }

  /** The items of a list that is not empty. */
  items(): Field[] | undefined {
    const { node } = this.#place;
    if (!isSeq(node)) {
      this.fault(`${this.#what()} must be a list`);
      return undefined;
    }
    if (node.items.length === 0) {
      this.fault(`${this.#what()} must not be empty`);
      return undefined;
    }
    return node.items.map((item, i) => this.#item(i, isNode(item) ? item : undefined));
  }

  /** The items of a list, or the value itself as the one item. */
  oneOrMore(): Field[] | undefined {
    return isSeq(this.#place.node) ? this.items() : [this];
  }

  /** A scalar's value. */
  scalar(): string | number | boolean | undefined {
    const { node } = this.#place;
    if (isAlias(node)) {
      this.fault("aliases are not taken: write the value out");
      return undefined;
    }
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return value;
    }
    this.fault(`${this.#what()} must be a single value`);
    return undefined;
  }

  string(): string | undefined {
    const value = this.scalar();
    if (value === undefined || typeof value === "string") return value;
    this.fault(`${this.#what()} must be a string, not ${String(value)}: put it in quotes`);
    return undefined;
  }

  boolean(): boolean | undefined {
    const value = this.scalar();
    if (value === undefined || typeof value === "boolean") return value;
    this.fault(`${this.#what()} must be true or false`);
    return undefined;
  }

  /** A whole number between two, both included. */
  integer(low: number, high: number): number | undefined {
    const value = this.scalar();
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= low && number <= high) {
      return number;
    }
    this.fault(`${this.#what()} must be a whole number from ${low} to ${high}`);
    return undefined;
  }

  #what(): string {
    return this.#place.field === "" ? "a document" : this.#place.field;
  }

  #child(name: string, node: Node | undefined): Field {
    const field = this.#place.field === "" ? name : `${this.#place.field}.${name}`;
    return new Field({ ...this.#place, node, field }, this.#faults);
  }

  #item(index: number, node: Node | undefined): Field {
    return new Field(
      { ...this.#place, node, field: `${this.#place.field}[${index}]` },
      this.#faults,
    );
  }
}

/** The value of each item; undefined when any of them was at fault. */
export function all<T>(
  items: readonly Field[] | undefined,
  read: (item: Field) => T | undefined,
): T[] | undefined {
  if (items === undefined) return undefined;
  const values = items.map(read); // All of them, so that all faults show.
  return values.every((value) => value !== undefined) ? values : undefined;
}
