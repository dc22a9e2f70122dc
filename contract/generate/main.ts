// SPDX-License-Identifier: Apache-2.0

// Makes everything of this workspace that is generated. `git diff` afterwards shows what was stale.

import { execFileSync } from "node:child_process";
import { generateErrorDocs } from "./error-docs.js";
import { generateProtocol } from "./protocol.js";
import { generateSpiffeVectors } from "./spiffe-vectors.js";

const generated = generateProtocol();
generateSpiffeVectors();
generateErrorDocs();
execFileSync("prettier", ["--log-level=warn", "--ignore-path=/dev/null", "--write", ...generated], {
  stdio: "inherit",
});
