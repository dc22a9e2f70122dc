// SPDX-License-Identifier: Apache-2.0
import { SCHEMA } from "./schema.js";

interface Leaf {
  readonly doc: string;
  readonly default: unknown;
  readonly env: string;
}

/** docs/configuration-agent.md, made from the schema. */
export function configurationReference(): string {
  return [
    "# The agent's configuration",
    "",
    "Read from the file that `signet-agent --config FILE` names (YAML or JSON), then from the",
    "environment, which wins. An unknown key is an error. Made from `agent/src/config/schema.ts` by",
    "`npm run -w @signet/agent reference`.",
    "",
    "| key | default | environment | what it is |",
    "| --- | --- | --- | --- |",
    ...rows(SCHEMA, ""),
    "",
  ].join("\n");
}

function rows(node: object, path: string): string[] {
  if (isLeaf(node)) {
    const value = node.default === "" ? "" : `\`${String(node.default)}\``;
    return [`| \`${path}\` | ${value} | \`${node.env}\` | ${node.doc} |`];
  }
  return Object.entries(node).flatMap(([key, child]) =>
    rows(child as object, path === "" ? key : `${path}.${key}`),
  );
}

function isLeaf(node: object): node is Leaf {
  return "doc" in node && "env" in node;
}
