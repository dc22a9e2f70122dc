// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from "node:fs";
import { configurationReference } from "./reference.js";

writeFileSync(
  new URL("../../../docs/configuration-signer.md", import.meta.url),
  configurationReference(),
);
