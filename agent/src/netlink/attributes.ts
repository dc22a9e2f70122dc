// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { align, LITTLE_ENDIAN, viewOf } from "./byte-order.js";

/** How one attribute is written. */
export type AttributeSpec =
  | {
      readonly id: number;
      readonly type: "u8" | "u16" | "u32" | "u64" | "s64" | "string" | "binary" | "flag";
      readonly multi?: true;
    }
  | {
      readonly id: number;
      readonly type: "enum";
      readonly names: readonly string[];
      readonly multi?: true;
    }
  | {
      readonly id: number;
      readonly type: "nest";
      readonly table: Readonly<Record<string, AttributeSpec>>;
      readonly multi?: true;
    };

/** Name → how it is written, for every attribute of a set. */
export type AttributeTable<T> = { readonly [K in keyof Required<T>]: AttributeSpec };

/** An attribute as it is on the wire. */
export interface RawAttribute {
  readonly id: number;
  readonly payload: Buffer;
}

/** Bytes before the payload of each attribute. */
export const HEADER = 4;
/** Bytes of the payloads that always have as many. */
export const SIZES = { u8: 1, u16: 2, u32: 4, enum: 4, u64: 8, s64: 8, flag: 0 } as const;

const NESTED = 0x8000;
const TYPE_MASK = 0x3fff;

/**
 * Writes attributes, those of a list once for each element, in the order of the table.
 *
 * @throws SignetError NETLINK_MALFORMED when a value does not fit its attribute.
 */
export function encodeAttributes<T extends object>(table: AttributeTable<T>, values: T): Buffer {
  const parts: Buffer[] = [];
  for (const [name, spec] of Object.entries<AttributeSpec>(table)) {
    const value = (values as Record<string, unknown>)[name];
    if (value === undefined) continue;
    for (const single of spec.multi === true ? (value as unknown[]) : [value]) {
      if (spec.type === "flag" && single !== true) continue;
      parts.push(writeAttribute(name, spec, single));
    }
  }
  return Buffer.concat(parts);
}

/**
 * Reads the attributes that the table knows and passes over the others, as netlink wants it.
 *
 * @throws SignetError NETLINK_MALFORMED when lengths contradict each other or the types.
 */
export function decodeAttributes<T extends object>(table: AttributeTable<T>, data: Buffer): T {
  const names = new Map(
    Object.entries<AttributeSpec>(table).map(([name, spec]) => [spec.id, { name, spec }]),
  );
  const values: Record<string, unknown> = {};
  for (const { id, payload } of readAttributes(data)) {
    const known = names.get(id);
    if (known === undefined) continue;
    const value = readValue(known.name, known.spec, payload);
    if (known.spec.multi === true) {
      const list = (values[known.name] ??= []) as unknown[];
      list.push(value);
    } else {
      values[known.name] = value;
    }
  }
  return values as T;
}

/**
 * The attributes of a payload, in order, unread.
 *
 * @throws SignetError NETLINK_MALFORMED when a length leads outside.
 */
export function* readAttributes(data: Buffer): Generator<RawAttribute> {
  const view = viewOf(data);
  let offset = 0;
  while (offset + HEADER <= data.length) {
    const length = view.getUint16(offset, LITTLE_ENDIAN);
    const id = view.getUint16(offset + 2, LITTLE_ENDIAN) & TYPE_MASK;
    if (length < HEADER || offset + length > data.length) {
      throw new SignetError("NETLINK_MALFORMED", `Attribute ${String(id)} has a wrong length.`);
    }
    yield { id, payload: data.subarray(offset + HEADER, offset + length) };
    offset += align(length);
  }
  if (offset < data.length) {
    throw new SignetError("NETLINK_MALFORMED", "Bytes are left after the last attribute.");
  }
}

/**
 * The attributes with those named sure to be there.
 *
 * @throws SignetError NETLINK_MALFORMED naming the first that is absent.
 */
export function demand<T extends object, K extends keyof T & string>(
  attributes: T,
  ...names: readonly K[]
): T & Required<Pick<T, K>> {
  const missing = names.find((name) => attributes[name] === undefined);
  if (missing !== undefined) {
    throw new SignetError("NETLINK_MALFORMED", `The message lacks ${missing}.`);
  }
  return attributes as T & Required<Pick<T, K>>;
}

function writeAttribute(name: string, spec: AttributeSpec, value: unknown): Buffer {
  const payload = writeValue(name, spec, value);
  const length = HEADER + payload.length;
  if (length > 0xffff) throw new SignetError("NETLINK_MALFORMED", `${name} is too long.`);
  const attribute = Buffer.alloc(align(length));
  const view = viewOf(attribute);
  view.setUint16(0, length, LITTLE_ENDIAN);
  view.setUint16(2, spec.id | (spec.type === "nest" ? NESTED : 0), LITTLE_ENDIAN);
  payload.copy(attribute, HEADER);
  return attribute;
}

function writeValue(name: string, spec: AttributeSpec, value: unknown): Buffer {
  switch (spec.type) {
    case "u8":
      return writeInteger(name, 1, value);
    case "u16":
      return writeInteger(name, 2, value);
    case "u32":
      return writeInteger(name, 4, value);
    case "enum":
      return writeInteger(name, 4, spec.names.indexOf(value as string));
    case "u64":
    case "s64":
      return writeLong(name, spec.type, value as bigint);
    case "string":
      return writeString(name, value as string);
    case "binary":
      return value as Buffer;
    case "flag":
      return Buffer.alloc(0);
    case "nest":
      return encodeAttributes(spec.table, value as Record<string, unknown>);
  }
}

function writeInteger(name: string, size: 1 | 2 | 4, value: unknown): Buffer {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= 256 ** size) {
    throw new SignetError("NETLINK_MALFORMED", `${name} is out of range.`);
  }
  const data = Buffer.alloc(size);
  if (LITTLE_ENDIAN) data.writeUIntLE(value as number, 0, size);
  else data.writeUIntBE(value as number, 0, size);
  return data;
}

function writeLong(name: string, type: "u64" | "s64", value: bigint): Buffer {
  const fits = type === "u64" ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (fits !== value) throw new SignetError("NETLINK_MALFORMED", `${name} is out of range.`);
  const data = Buffer.alloc(8);
  viewOf(data).setBigUint64(0, BigInt.asUintN(64, value), LITTLE_ENDIAN);
  return data;
}

function writeString(name: string, value: string): Buffer {
  if (value.includes("\0")) throw new SignetError("NETLINK_MALFORMED", `${name} holds a NUL.`);
  return Buffer.from(`${value}\0`, "utf8");
}

function readValue(name: string, spec: AttributeSpec, payload: Buffer): unknown {
  if (spec.type in SIZES && payload.length !== SIZES[spec.type as keyof typeof SIZES]) {
    throw new SignetError("NETLINK_MALFORMED", `${name} has a wrong length.`);
  }
  const view = viewOf(payload);
  switch (spec.type) {
    case "u8":
      return view.getUint8(0);
    case "u16":
      return view.getUint16(0, LITTLE_ENDIAN);
    case "u32":
      return view.getUint32(0, LITTLE_ENDIAN);
    case "enum":
      return enumName(name, spec.names, view.getUint32(0, LITTLE_ENDIAN));
    case "u64":
      return view.getBigUint64(0, LITTLE_ENDIAN);
    case "s64":
      return view.getBigInt64(0, LITTLE_ENDIAN);
    case "string":
      return readString(payload);
    case "binary":
      return Buffer.from(payload);
    case "flag":
      return true;
    case "nest":
      return decodeAttributes(spec.table, payload);
  }
}

function enumName(name: string, names: readonly string[], value: number): string {
  const found = names[value];
  if (found === undefined) {
    throw new SignetError("NETLINK_MALFORMED", `${name} is ${String(value)}, which has no name.`);
  }
  return found;
}

function readString(payload: Buffer): string {
  const end = payload.indexOf(0);
  return payload.toString("utf8", 0, end === -1 ? payload.length : end);
}
