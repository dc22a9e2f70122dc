// SPDX-License-Identifier: Apache-2.0

import { all, type Field } from "./field.js";
import { segment } from "./values.js";

/** One fact and the values that match. */
export interface Selector {
  readonly key: string;
  readonly values: readonly string[];
}

/** Selectors that must all match. */
export interface SelectorSet {
  readonly selectors: readonly Selector[];
}

type ReadValue = (value: Field) => string | undefined;

const MAX_ID = 4_294_967_294; // The last one, -1, means "no change" to the kernel.
const MAX_PATH = 4_095;

function id(value: Field): string | undefined {
  const number = value.integer(0, MAX_ID);
  return number === undefined ? undefined : String(number);
}

function path(value: Field): string | undefined {
  const text = value.string();
  if (text === undefined) return undefined;
  const segments = text.split("/").slice(1);
  const plain = segments.every((part) => part !== "" && part !== "." && part !== "..");
  const fits = Buffer.byteLength(text) <= MAX_PATH && !text.includes("\0");
  if (text.startsWith("/") && plain && fits) return text;
  value.fault("it must be an absolute path without empty, '.' or '..' segments");
  return undefined;
}

function sha256(value: Field): string | undefined {
  const text = value.string();
  if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text;
  value.fault("it must be a SHA-256: 64 lower-case hex digits");
  return undefined;
}

/** The selectors of workloads, and how their values are read. */
export const WORKLOAD_SELECTORS: Readonly<Record<string, ReadValue>> = {
  "process:binary:path": path,
  "process:binary:sha256": sha256,
  "process:uid": id,
  "process:gid": id,
};

/** The selectors of nodes, and how their values are read. */
export const NODE_SELECTORS: Readonly<Record<string, ReadValue>> = {
  "node:group": segment,
  "node:id": segment,
};

const PLANNED = /^(k8s|container|docker|systemd|cgroup|aws|gcp|azure|process|node):/;

function selector(key: string, value: Field, known: Readonly<Record<string, ReadValue>>) {
  const read = Object.hasOwn(known, key) ? known[key] : undefined;
  if (read === undefined) {
    const names = Object.keys(known).join(", ");
    const planned = PLANNED.test(key);
    value.fault(
      planned
        ? `the selector ${key} is not built in this version; there are ${names}`
        : `there is no selector ${JSON.stringify(key)}; there are ${names}`,
      planned ? "DOCUMENT_FIELD_NOT_BUILT" : "DOCUMENT_FIELD_UNKNOWN",
    );
    return undefined;
  }
  const values = all(value.oneOrMore(), read);
  return values && { key, values: [...new Set(values)].sort() };
}

/** Reads a list of maps: any map suffices, all keys of a map must match, any value of a key does. */
export function selectorSets(
  field: Field | undefined,
  known: Readonly<Record<string, ReadValue>>,
): SelectorSet[] | undefined {
  return all(field?.items(), (item) => {
    const entries = item.entries();
    if (entries === undefined) return undefined;
    if (entries.size === 0) {
      item.fault("a set of selectors must not be empty");
      return undefined;
    }
    const read = [...entries].map(([key, value]) => selector(key, value, known));
    if (!read.every((one) => one !== undefined)) return undefined;
    return { selectors: read.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  });
}

/** True when a node with this ID and these groups matches any of the sets. */
export function nodeMatches(
  sets: readonly SelectorSet[],
  node: { readonly id: string; readonly groups: readonly string[] },
): boolean {
  return sets.some(({ selectors }) =>
    selectors.every(({ key, values }) => {
      if (key === "node:id") return values.includes(node.id);
      return key === "node:group" && values.some((group) => node.groups.includes(group));
    }),
  );
}
