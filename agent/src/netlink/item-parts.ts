// SPDX-License-Identifier: Apache-2.0
import { attributesSize } from "./attribute-size.js";
import type { AttributeTable } from "./attributes.js";

/** An item that may be spread over several attributes: each but the last says that there is more. */
interface Part {
  readonly more?: boolean;
}

/**
 * Cuts an item whose lists are too long for one attribute. What is not a list is in the first part.
 *
 * @param room Bytes of attributes that a part may have; one that has a single element of a list, or
 * none, may have more.
 */
export function splitItem<T extends Part>(
  table: AttributeTable<T>,
  item: T,
  room: number,
): readonly T[] {
  const size = (attributes: object) => attributesSize(table, attributes as T);
  if (size(item) <= room) return [item];
  const lists = Object.entries(item).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  const head = { ...item, ...Object.fromEntries(lists.map(([name]) => [name, []])) };
  const parts: Record<string, unknown[]>[] = [head];
  let left = room - size(head);
  for (const [name, list] of lists) {
    for (const element of list) {
      const needed = size({ [name]: [element] });
      if (needed > left && left < room) {
        parts.push({});
        left = room;
      }
      left -= needed;
      ((parts.at(-1) ?? {})[name] ??= []).push(element);
    }
  }
  return parts.map((part, i) => (i < parts.length - 1 ? { ...part, more: true } : part) as T);
}

/** Puts items together of which some came in parts. */
export function joinParts<T extends Part>(parts: readonly T[]): readonly T[] {
  const items: object[] = [];
  let goesOn = false;
  for (const { more = false, ...part } of parts) {
    const item = goesOn ? items.at(-1) : undefined;
    if (item === undefined) items.push(addTo({}, part));
    else addTo(item, part);
    goesOn = more;
  }
  return items as T[];
}

/** Adds attributes to others: lists at the end of their own, of the rest the later one counts. */
export function addTo<T extends object>(all: T, attributes: object): T {
  const held = all as Record<string, unknown>;
  for (const [name, value] of Object.entries(attributes) as [string, unknown][]) {
    if (Array.isArray(value)) {
      const list = (held[name] ??= []) as unknown[];
      for (const element of value as unknown[]) list.push(element);
    } else {
      held[name] = value;
    }
  }
  return all;
}
