// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { configurationReference } from "@signet/runtime/configuration-reference.js";
import { DOCUMENTED } from "./schema.js";

writeFileSync(
  new URL("../../../docs/configuration-signer.md", import.meta.url),
  configurationReference(DOCUMENTED),
);
