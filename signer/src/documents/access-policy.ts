// SPDX-License-Identifier: Apache-2.0

import type { AccessPolicy } from "./document.js";
import { all, type Field } from "./field.js";
import { port, workloadId } from "./values.js";

const REQUIRED = ["subject", "inbound"];
const NOT_BUILT = {
  mode: "every policy is enforced",
  deny: "what no rule allows is refused",
  ports: "ports are named in the rules of inbound",
  permissive: "no port takes plaintext",
  off: "no port is left out",
};
const RULE_NOT_BUILT = {
  notAfter: "a rule holds until it is removed",
  mode: "every rule is enforced",
  deny: "what no rule allows is refused",
};

/** Reads the spec of an AccessPolicy document. */
export function readAccessPolicy(
  name: string,
  spec: Field,
  trustDomain: string,
): AccessPolicy | undefined {
  const fields = spec.fields(REQUIRED, REQUIRED, NOT_BUILT);
  if (fields === undefined) return undefined;
  const whom = fields.get("subject");
  const subject = whom && workloadId(whom, trustDomain);
  const inbound = all(fields.get("inbound")?.items(), (rule) => readRule(rule, trustDomain));
  if (subject === undefined || !inbound) return undefined;
  return { kind: "AccessPolicy", name, subject, inbound };
}

function readRule(rule: Field, trustDomain: string) {
  const fields = rule.fields(["from", "ports"], ["from"], RULE_NOT_BUILT);
  if (fields === undefined) return undefined;
  const from = all(fields.get("from")?.items(), (id) => workloadId(id, trustDomain));
  const list = fields.get("ports");
  const ports = list ? all(list.items(), port) : [];
  return from && ports && { from: [...new Set(from)], ports: [...new Set(ports)] };
}
