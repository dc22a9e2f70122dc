// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SignetError } from "@signet/contract";

/** A file of YAML documents, under the name that messages give it. */
export interface DocumentFile {
  readonly file: string;
  readonly content: string;
}

/**
 * Reads what `apply -f` names: files, directories (their *.yaml and *.yml, by name), or "-" for
 * standard input.
 * @throws SignetError FILE_UNREADABLE, USAGE
 */
export async function readDocuments(
  paths: readonly string[],
  stdin: () => Promise<string>,
): Promise<DocumentFile[]> {
  if (paths.filter((path) => path === "-").length > 1) {
    throw new SignetError("USAGE", "Standard input can be read only once.");
  }
  const files: DocumentFile[] = [];
  for (const path of paths) {
    if (path === "-") files.push({ file: "stdin", content: await stdin() });
    else files.push(...filesAt(path).map((file) => ({ file, content: read(file) })));
  }
  return files;
}

function filesAt(path: string): string[] {
  if (!attempt(path, () => statSync(path).isDirectory())) return [path];
  const names = attempt(path, () => readdirSync(path)).filter((name) => /\.ya?ml$/.test(name));
  if (names.length === 0) {
    throw new SignetError("FILE_UNREADABLE", `${path} holds no *.yaml or *.yml file.`);
  }
  return names.sort().map((name) => join(path, name));
}

function read(path: string): string {
  const bytes = attempt(path, () => readFileSync(path));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SignetError("DOCUMENT_SYNTAX", `${path} is not UTF-8.`, { cause });
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new SignetError("FILE_UNREADABLE", `${path} cannot be read${why}.`, { cause });
  }
}
