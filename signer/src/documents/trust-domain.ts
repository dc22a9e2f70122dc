// SPDX-License-Identifier: Apache-2.0

import { parseCidr } from "./address.js";
import type { TrustDomain } from "./document.js";
import { all, type Field } from "./field.js";
import { port } from "./values.js";

const KNOWN = ["meshCidrs", "defaultDeny", "unidentified", "exemptPorts"];
const SSH = 22;
const NOT_BUILT = {
  uids: "the scope is addresses and ports",
  cgroups: "the scope is addresses and ports",
  namespaces: "the scope is addresses and ports",
  maxSessionAge: "it is set on the node",
};

/** What holds before a TrustDomain document is applied: nothing is protected. */
export function defaultTrustDomain(name: string): TrustDomain {
  return {
    kind: "TrustDomain",
    name,
    meshCidrs: [],
    defaultDeny: true,
    unidentified: "deny",
    exemptPorts: [SSH],
  };
}

/** Reads the spec of a TrustDomain document. */
export function readTrustDomain(name: string, spec: Field): TrustDomain | undefined {
  const fields = spec.fields(KNOWN, [], NOT_BUILT);
  if (fields === undefined) return undefined;
  const defaults = defaultTrustDomain(name);
  const read = <T>(key: string, value: (field: Field) => T | undefined, otherwise: T) => {
    const field = fields.get(key);
    return field === undefined ? otherwise : value(field);
  };
  const meshCidrs = read("meshCidrs", (list) => all(list.items(), network), defaults.meshCidrs);
  const defaultDeny = read("defaultDeny", (field) => field.boolean(), defaults.defaultDeny);
  const unidentified = read("unidentified", action, defaults.unidentified);
  const ports = read("exemptPorts", (list) => all(list.items(), port), defaults.exemptPorts);
  if (!meshCidrs || defaultDeny === undefined || !unidentified || !ports) return undefined;
  const exemptPorts = [...new Set(ports)].sort((a, b) => a - b);
  return { kind: "TrustDomain", name, meshCidrs, defaultDeny, unidentified, exemptPorts };
}

function network(item: Field) {
  const text = item.string();
  const cidr = text === undefined ? undefined : parseCidr(text);
  if (typeof cidr !== "string") return cidr;
  item.fault(cidr);
  return undefined;
}

function action(field: Field): "deny" | "audit" | undefined {
  const value = field.string();
  if (value === undefined || value === "deny" || value === "audit") return value;
  field.fault('unidentified is "deny" or "audit"');
  return undefined;
}
