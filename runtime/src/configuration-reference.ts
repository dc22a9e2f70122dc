// SPDX-License-Identifier: Apache-2.0

/** Whose configuration a page is about. */
export interface Documented {
  /** A heading, such as "The agent's configuration". */
  readonly title: string;
  /** The program that reads it, such as "signet-agent". */
  readonly program: string;
  /** Its workspace's folder, such as "agent". */
  readonly workspace: string;
  /** Convict's. */
  readonly schema: object;
}

interface Leaf {
  readonly doc: string;
  readonly default: unknown;
  readonly env: string;
}

/** A page of docs/ in Markdown, made from a schema. */
export function configurationReference(documented: Documented): string {
  const { title, program, workspace, schema } = documented;
  return [
    `# ${title}`,
    "",
    `Read from the file that \`${program} --config FILE\` names (YAML or JSON), then from the`,
    `environment, which wins. An unknown key is an error. Made from \`${workspace}/src/config/schema.ts\` by`,
    `\`npm run -w @signet/${workspace} reference\`.`,
    "",
    "| key | default | environment | what it is |",
    "| --- | --- | --- | --- |",
    ...rows(schema, ""),
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
