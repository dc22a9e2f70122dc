// SPDX-License-Identifier: Apache-2.0

import type { Workload } from "./document.js";
import type { Field } from "./field.js";
import { NODE_SELECTORS, selectorSets, WORKLOAD_SELECTORS } from "./selectors.js";
import { duration, workloadId } from "./values.js";

const SHORTEST_TTL = 10;
const LONGEST_TTL = 86_400;
const DEFAULT_TTL = 3_600;

const REQUIRED = ["spiffeId", "nodes", "selectors"];
const NOT_BUILT = {
  outbound: "connections to addresses that nothing names are left alone",
  priority: "several entries that match give no identity",
};

/** Reads the spec of a Workload document. */
export function readWorkload(name: string, spec: Field, trustDomain: string): Workload | undefined {
  const fields = spec.fields([...REQUIRED, "ttl"], REQUIRED, NOT_BUILT);
  if (fields === undefined) return undefined;
  const id = fields.get("spiffeId");
  const spiffeId = id && workloadId(id, trustDomain);
  const nodes = selectorSets(fields.get("nodes"), NODE_SELECTORS);
  const selectors = selectorSets(fields.get("selectors"), WORKLOAD_SELECTORS);
  const lifetime = fields.get("ttl");
  const ttl = lifetime ? duration(lifetime, SHORTEST_TTL, LONGEST_TTL) : DEFAULT_TTL;
  if (spiffeId === undefined || !nodes || !selectors || ttl === undefined) return undefined;
  return { kind: "Workload", name, spiffeId, nodes, selectors, ttl };
}
