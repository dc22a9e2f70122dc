// SPDX-License-Identifier: Apache-2.0
import { GENERATED_C, macro } from "./c-header.js";
import {
  attributeSet,
  enumerations,
  requestAttributes,
  type Attribute,
  type Limit,
  type Operation,
  type Spec,
} from "./spec.js";

interface Table {
  readonly identifier: string;
  readonly size: string;
  readonly rows: readonly string[];
  readonly doc: string;
}

/** Declarations of the policy tables. @returns C source. */
export function cPolicyHeader(spec: Spec): string {
  return [
    "/* SPDX-License-Identifier: GPL-2.0 */",
    GENERATED_C,
    "#ifndef _SIGNET_NETLINK_ATTRIBUTES_H",
    "#define _SIGNET_NETLINK_ATTRIBUTES_H",
    "",
    "#include <net/netlink.h>",
    "",
    '#include "uapi/generated/signet.h"',
    "",
    "/* For .policy; .maxattr is ARRAY_SIZE() of it less one. */",
    ...operationTables(spec).map(declaration),
    "",
    "/* Of nested attributes. */",
    ...nestedTables(spec).map(declaration),
    "",
    "#endif /* _SIGNET_NETLINK_ATTRIBUTES_H */",
    "",
  ].join("\n");
}

/** The policy tables: one for each operation, strict, and one for each nested set. @returns C source. */
export function cPolicySource(spec: Spec): string {
  return [
    "// SPDX-License-Identifier: GPL-2.0",
    GENERATED_C,
    '#include "netlink/generated/attributes.h"',
    "",
    ...[...nestedTables(spec), ...operationTables(spec)].flatMap((table) => [
      `/* ${table.doc} */`,
      `const struct nla_policy ${table.identifier}[${table.size}] = {`,
      ...table.rows.map((row) => `\t${row},`),
      "};",
      "",
    ]),
  ]
    .join("\n")
    .replace(/\n+$/, "\n");
}

function declaration(table: Table): string {
  const line = `extern const struct nla_policy ${table.identifier}[${table.size}];`;
  return line.length <= 100
    ? line
    : `extern const struct nla_policy\n${table.identifier}[${table.size}];`;
}

function operationTables(spec: Spec): readonly Table[] {
  return spec.operations.list.flatMap((operation) => {
    const names = requestAttributes(operation);
    return names === undefined ? [] : [operationTable(spec, operation, names)];
  });
}

function operationTable(spec: Spec, operation: Operation, names: readonly string[]): Table {
  const set = attributeSet(spec, operation["attribute-set"]);
  const chosen = set.attributes.filter((attribute) => names.includes(attribute.name));
  const last = chosen.at(-1);
  const identifier = `${macro(spec.name, operation.name).toLowerCase()}_nl_policy`;
  const doc = macro(spec.name, "cmd", operation.name);
  if (last === undefined) {
    return { identifier, size: "2", rows: ["[1] = { .type = NLA_REJECT }"], doc };
  }
  return {
    identifier,
    size: `${macro(spec.name, "a", set.name, last.name)} + 1`,
    rows: chosen.map((attribute) => row(spec, set.name, attribute)),
    doc,
  };
}

function nestedTables(spec: Spec): readonly Table[] {
  const nested = new Set(
    spec["attribute-sets"].flatMap((set) =>
      set.attributes.flatMap((attribute) => attribute["nested-attributes"] ?? []),
    ),
  );
  return spec["attribute-sets"]
    .filter((set) => nested.has(set.name))
    .map((set) => {
      const chosen = set.attributes.filter((attribute) => attribute.type !== "pad");
      return {
        identifier: nestedIdentifier(spec, set.name),
        size: `${macro(spec.name, "a", set.name, chosen.at(-1)?.name ?? "")} + 1`,
        rows: chosen.map((attribute) => row(spec, set.name, attribute)),
        doc: `Nested: ${set.name}`,
      };
    });
}

function nestedIdentifier(spec: Spec, set: string): string {
  return `${macro(spec.name, set).toLowerCase()}_nl_policy`;
}

function row(spec: Spec, set: string, attribute: Attribute): string {
  return `[${macro(spec.name, "a", set, attribute.name)}] = ${rule(spec, attribute)}`;
}

function rule(spec: Spec, attribute: Attribute): string {
  const limit = (value: Limit): string =>
    typeof value === "number" ? String(value) : macro(spec.name, value);
  const { max, "max-len": maxLength, "min-len": minLength } = attribute.checks ?? {};
  switch (attribute.type) {
    case "string":
      return maxLength === undefined
        ? "{ .type = NLA_NUL_STRING }"
        : `{ .type = NLA_NUL_STRING, .len = ${limit(maxLength)} }`;
    case "binary":
      if (maxLength === undefined) return "{ .type = NLA_BINARY }";
      return minLength === undefined
        ? `NLA_POLICY_MAX_LEN(${limit(maxLength)})`
        : `NLA_POLICY_RANGE(NLA_BINARY, ${limit(minLength)}, ${limit(maxLength)})`;
    case "nest":
      return `NLA_POLICY_NESTED(${nestedIdentifier(spec, attribute["nested-attributes"] ?? "")})`;
    case "flag":
      return "{ .type = NLA_FLAG }";
    case "pad":
      return "{ .type = NLA_REJECT }";
    default: {
      const type = `NLA_${attribute.type.toUpperCase()}`;
      const enumeration = enumerations(spec).find(({ name }) => name === attribute.enum);
      if (enumeration !== undefined) {
        return `NLA_POLICY_MAX(${type}, ${macro(spec.name, enumeration.name, "max")})`;
      }
      return max === undefined ? `{ .type = ${type} }` : `NLA_POLICY_MAX(${type}, ${limit(max)})`;
    }
  }
}
