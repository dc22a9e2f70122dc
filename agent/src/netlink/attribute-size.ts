// SPDX-License-Identifier: Apache-2.0
import { HEADER, SIZES, type AttributeSpec, type AttributeTable } from "./attributes.js";
import { align } from "./byte-order.js";

/** How many bytes encodeAttributes() makes of them, without making them. */
export function attributesSize<T extends object>(table: AttributeTable<T>, values: T): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(values) as [keyof T, unknown][]) {
    if (value === undefined) continue;
    const spec: AttributeSpec = table[name];
    for (const single of spec.multi === true ? (value as unknown[]) : [value]) {
      bytes += attributeSize(spec, single);
    }
  }
  return bytes;
}

function attributeSize(spec: AttributeSpec, value: unknown): number {
  if (spec.type === "flag" && value !== true) return 0;
  return align(HEADER + payloadSize(spec, value));
}

function payloadSize(spec: AttributeSpec, value: unknown): number {
  switch (spec.type) {
    case "string":
      return Buffer.byteLength(value as string) + 1;
    case "binary":
      return (value as Buffer).length;
    case "nest":
      return attributesSize(spec.table, value as Record<string, unknown>);
    default:
      return SIZES[spec.type];
  }
}
