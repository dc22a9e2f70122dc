// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from "node:url";
import { loadSync, type Options, type PackageDefinition } from "@grpc/proto-loader";

/** How messages look in TypeScript; the types in generated/ are made with the same options. */
const OPTIONS = {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
} as const satisfies Options;

const DIRECTORY = fileURLToPath(new URL("../../proto", import.meta.url));

/** Loads .proto files, named relative to proto/. 64-bit numbers and enums become strings. */
export function loadProtos(files: string[]): PackageDefinition {
  return loadSync(files, { ...OPTIONS, includeDirs: [DIRECTORY] });
}
