// SPDX-License-Identifier: Apache-2.0
import { parse } from "yaml";

/** Types of attributes that the family uses; a subset of the kernel's netlink specs. */
export type AttributeType =
  "u8" | "u16" | "u32" | "u64" | "s64" | "string" | "binary" | "flag" | "nest" | "pad";

/** A limit: a number, or the name of a constant of the spec. */
export type Limit = number | string;

export interface Constant {
  readonly type: "const";
  readonly name: string;
  readonly value: number;
  readonly doc?: string;
}

export interface EnumEntry {
  readonly name: string;
  readonly doc?: string;
}

export interface Enumeration {
  readonly type: "enum";
  readonly name: string;
  readonly doc?: string;
  readonly entries: readonly EnumEntry[];
}

export interface Checks {
  readonly max?: Limit;
  readonly "max-len"?: Limit;
  readonly "min-len"?: Limit;
}

export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly doc?: string;
  readonly enum?: string;
  readonly "multi-attr"?: boolean;
  readonly "nested-attributes"?: string;
  readonly checks?: Checks;
}

export interface AttributeSet {
  readonly name: string;
  readonly doc?: string;
  readonly attributes: readonly Attribute[];
}

export interface AttributeList {
  readonly attributes: readonly string[];
}

export interface Exchange {
  readonly request?: AttributeList;
  readonly reply?: AttributeList;
}

export interface Operation {
  readonly name: string;
  readonly doc?: string;
  readonly "attribute-set": string;
  readonly do?: Exchange;
  readonly dump?: Exchange;
  readonly event?: AttributeList;
  readonly mcgrp?: string;
}

/** A generic netlink family, as the kernel's YAML format describes one. */
export interface Spec {
  readonly name: string;
  readonly version?: number;
  readonly definitions: readonly (Constant | Enumeration)[];
  readonly "attribute-sets": readonly AttributeSet[];
  readonly operations: { readonly list: readonly Operation[] };
  readonly "mcast-groups": { readonly list: readonly { readonly name: string }[] };
}

const ATTRIBUTE_TYPES: ReadonlySet<string> = new Set<AttributeType>([
  "u8",
  "u16",
  "u32",
  "u64",
  "s64",
  "string",
  "binary",
  "flag",
  "nest",
  "pad",
]);

/**
 * Reads a spec and checks every reference in it.
 *
 * @param text YAML.
 * @throws Error naming the first reference that points at nothing.
 */
export function parseSpec(text: string): Spec {
  const spec = parse(text) as Spec;
  const enums = new Set(enumerations(spec).map((enumeration) => enumeration.name));
  const sets = new Map(spec["attribute-sets"].map((set) => [set.name, set]));
  for (const set of sets.values()) {
    for (const attribute of set.attributes) {
      const where = `${set.name}.${attribute.name}`;
      if (!ATTRIBUTE_TYPES.has(attribute.type)) {
        throw new Error(`${where}: type ${attribute.type} is not known`);
      }
      if (attribute.enum !== undefined && !enums.has(attribute.enum)) {
        throw new Error(`${where}: enum ${attribute.enum} is not defined`);
      }
      if (attribute.type === "nest" && !sets.has(attribute["nested-attributes"] ?? "")) {
        throw new Error(`${where}: a nest must name an attribute set`);
      }
      for (const limit of Object.values(attribute.checks ?? {})) resolveLimit(spec, limit as Limit);
    }
  }
  for (const operation of spec.operations.list) {
    const known = new Set(attributeSet(spec, operation["attribute-set"]).attributes.map(nameOf));
    for (const list of attributeLists(operation)) {
      const stranger = list.attributes.find((name) => !known.has(name));
      if (stranger !== undefined) {
        throw new Error(`${operation.name}: ${stranger} is not in ${operation["attribute-set"]}`);
      }
    }
  }
  return spec;
}

/** The attribute set of a name. @throws Error when there is none. */
export function attributeSet(spec: Spec, name: string): AttributeSet {
  const set = spec["attribute-sets"].find((candidate) => candidate.name === name);
  if (set === undefined) throw new Error(`attribute set ${name} is not defined`);
  return set;
}

/** The enumerations of a spec, in order. */
export function enumerations(spec: Spec): readonly Enumeration[] {
  return spec.definitions.filter((definition) => definition.type === "enum");
}

/** The constants of a spec, in order. */
export function constants(spec: Spec): readonly Constant[] {
  return spec.definitions.filter((definition) => definition.type === "const");
}

/** The number that a limit stands for. @throws Error when it names no constant. */
export function resolveLimit(spec: Spec, limit: Limit): number {
  if (typeof limit === "number") return limit;
  const constant = constants(spec).find((candidate) => candidate.name === limit);
  if (constant === undefined) throw new Error(`constant ${limit} is not defined`);
  return constant.value;
}

/** The attributes that a request may carry; undefined for operations nobody can request. */
export function requestAttributes(operation: Operation): readonly string[] | undefined {
  if (operation.do !== undefined) return operation.do.request?.attributes ?? [];
  if (operation.dump !== undefined) return operation.dump.request?.attributes ?? [];
  return undefined;
}

function attributeLists(operation: Operation): readonly AttributeList[] {
  return [
    operation.do?.request,
    operation.do?.reply,
    operation.dump?.request,
    operation.dump?.reply,
    operation.event,
  ].filter((list) => list !== undefined);
}

function nameOf(named: { readonly name: string }): string {
  return named.name;
}
