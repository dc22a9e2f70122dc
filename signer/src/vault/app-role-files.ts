// SPDX-License-Identifier: Apache-2.0

import { readFile } from "node:fs/promises";
import { SignetError } from "@signet/contract";

/** Where the credentials of an AppRole are. */
export interface AppRoleFiles {
  roleIdFile: string;
  secretIdFile: string;
  wrappedSecretIdFile: string;
}

/** What is in a file that may not be empty, without the white space around. @throws SignetError CONFIG_UNREADABLE */
export async function secretFrom(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw unreadable(`${file} cannot be read`, cause);
  }
  if (text === "") throw unreadable(`${file} is empty`);
  return text;
}

/** Nodes hear of this, too: where it is stays here. */
function unreadable(what: string, why?: unknown): SignetError {
  const cause = new Error(what, { cause: why });
  return new SignetError("CONFIG_UNREADABLE", undefined, { cause });
}
