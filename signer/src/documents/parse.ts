// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";
import { isScalar, LineCounter, parseAllDocuments, type Document } from "yaml";
import { readAccessPolicy } from "./access-policy.js";
import { readDestination } from "./destination.js";
import { KINDS, type PolicyDocument } from "./document.js";
import { Field } from "./field.js";
import { Faults, type Place } from "./position.js";
import { readTrustDomain } from "./trust-domain.js";
import { documentName } from "./values.js";
import { readWorkload } from "./workload.js";

/** A file of documents as the operator's command read it. */
export interface DocumentFile {
  readonly file: string;
  /** YAML, one or more documents. */
  readonly content: string;
}

const API_VERSION = "signet/v1";
const MAX_FILE = 1024 * 1024;

/**
 * Parses and checks files of policy documents.
 * @throws SignetError DOCUMENT_INVALID with every fault of every file
 */
export function parseDocuments(
  files: readonly DocumentFile[],
  trustDomain: string,
): PolicyDocument[] {
  const faults = new Faults();
  const seen = new Set<string>();
  const documents = files.flatMap((file) => parseFile(file, trustDomain, faults, seen));
  const { list } = faults;
  if (list.length === 0) return documents;
  throw new SignetError(
    "DOCUMENT_INVALID",
    `The documents have ${list.length === 1 ? "a fault" : `${list.length} faults`}; nothing was changed.`,
    { faults: list },
  );
}

function parseFile(
  { file, content }: DocumentFile,
  trustDomain: string,
  faults: Faults,
  seen: Set<string>,
): PolicyDocument[] {
  const lines = new LineCounter();
  const whole: Place = { file, lines, node: undefined, field: "" };
  if (content.length > MAX_FILE) {
    faults.add("DOCUMENT_SYNTAX", whole, `a file has at most ${MAX_FILE} characters`);
    return [];
  }
  const parsed = parseAllDocuments(content, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false, // Its check is quadratic; Field.entries() has another.
    merge: false,
    version: "1.2",
  });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((yaml) => {
    if (!syntaxIsRight(yaml, whole, faults) || isEmpty(yaml)) return [];
    const field = new Field({ ...whole, node: yaml.contents ?? undefined }, faults);
    const document = readDocument(field, trustDomain);
    if (document === undefined) return [];
    const key = `${document.kind} ${document.name}`;
    if (seen.has(key)) {
      field.fault(`there are two documents ${key}`, "DOCUMENT_DUPLICATE");
      return [];
    }
    seen.add(key);
    return [document];
  });
}

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function syntaxIsRight(yaml: Document.Parsed, whole: Place, faults: Faults): boolean {
  for (const { message, pos } of yaml.errors) {
    faults.addAt(pos[0], "DOCUMENT_SYNTAX", whole, message);
  }
  return yaml.errors.length === 0;
}

function readDocument(document: Field, trustDomain: string): PolicyDocument | undefined {
  const required = ["apiVersion", "kind", "spec"];
  const fields = document.fields([...required, "metadata"], required);
  const kind = fields && checkKind(fields);
  const spec = fields?.get("spec");
  if (fields === undefined || kind === undefined || spec === undefined) return undefined;
  const name = readName(document, fields.get("metadata"), kind, trustDomain);
  const read = readSpec(kind, name ?? "", spec, trustDomain);
  return name === undefined ? undefined : read;
}

function checkKind(fields: Map<string, Field>): PolicyDocument["kind"] | undefined {
  const version = fields.get("apiVersion");
  const text = version?.string();
  if (text !== undefined && text !== API_VERSION) {
    version?.fault(`apiVersion is ${API_VERSION}`, "DOCUMENT_KIND_UNKNOWN");
    return undefined;
  }
  const field = fields.get("kind");
  const found = field?.string();
  const kind = KINDS.find((known) => known === found);
  if (kind === undefined && found !== undefined) {
    field?.fault(`kind is one of ${KINDS.join(", ")}`, "DOCUMENT_KIND_UNKNOWN");
    return undefined;
  }
  return text === undefined ? undefined : kind;
}

function readName(
  document: Field,
  metadata: Field | undefined,
  kind: PolicyDocument["kind"],
  trustDomain: string,
): string | undefined {
  if (kind === "TrustDomain") {
    // There is one, and its name is the signer's.
    metadata?.fault("a TrustDomain document has no metadata", "DOCUMENT_FIELD_UNKNOWN");
    return metadata === undefined ? trustDomain : undefined;
  }
  if (metadata === undefined) {
    document.fault("metadata is missing", "DOCUMENT_FIELD_MISSING");
    return undefined;
  }
  const name = metadata
    .fields(["name"], ["name"], {
      labels: "documents are told apart by name",
      annotations: "documents are told apart by name",
    })
    ?.get("name");
  return name && documentName(name);
}

function readSpec(
  kind: PolicyDocument["kind"],
  name: string,
  spec: Field,
  trustDomain: string,
): PolicyDocument | undefined {
  switch (kind) {
    case "Workload":
      return readWorkload(name, spec, trustDomain);
    case "AccessPolicy":
      return readAccessPolicy(name, spec, trustDomain);
    case "Destination":
      return readDestination(name, spec, trustDomain);
    case "TrustDomain":
      return readTrustDomain(name, spec);
  }
}
